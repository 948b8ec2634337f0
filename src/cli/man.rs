//! `muster man`: the manual page, with a section for each command.

use std::io;

use clap::CommandFactory;
use clap_mangen::Man;

use super::args::Arguments;
use super::exit::{Exit, Failure};
use super::output::Output;

/// Prints the page in roff.
pub fn run(output: &mut Output<'_>) -> Result<Exit, Failure> {
    if output.json {
        return Err(Failure::usage("the manual has no JSON form: leave --json out"));
    }
    let mut page = Vec::new();
    write_page(&mut page)?;
    output.stream().write_all(&page)?;
    Ok(Exit::Done)
}

fn write_page(page: &mut Vec<u8>) -> io::Result<()> {
    let mut command = Arguments::command();
    command.build();
    Man::new(command.clone()).render(page)?;
    let mut sections = Vec::new();
    collect(&command, &mut sections);
    for section in sections {
        let name = section.get_display_name().unwrap_or(section.get_name()).replace('-', " ").to_uppercase();
        page.extend_from_slice(format!(".SH \"{name}\"\n").as_bytes());
        let man = Man::new(section.clone());
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
    }
    Ok(())
}

/// Every command that does something, in the order of the help.
fn collect<'c>(parent: &'c clap::Command, sections: &mut Vec<&'c clap::Command>) {
    for command in parent.get_subcommands().filter(|command| command.get_name() != "help") {
        if command.has_subcommands() {
            collect(command, sections);
        } else {
            sections.push(command);
        }
    }
}
