//! The key sheet of the README, from the action table.

use super::action::{ACTIONS, Context};

/// A Markdown table of keys for each context; a test of the README can compare it.
pub fn key_sheet() -> String {
    let mut sheet = String::new();
    for context in Context::ALL {
        let mut entries = ACTIONS.iter().filter(|e| e.contexts.contains(&context)).peekable();
        if entries.peek().is_none() {
            continue;
        }
        sheet.push_str(&format!("\n### {}\n\n| keys | action | |\n| --- | --- | --- |\n", context.title()));
        for entry in entries {
            let keys: Vec<String> = entry.keys.iter().map(|key| format!("`{key}`")).collect();
            sheet.push_str(&format!("| {} | {} | {} |\n", keys.join(" "), entry.title, entry.help));
        }
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_on_the_sheet_once_for_each_context() {
        let sheet = key_sheet();
        for entry in ACTIONS {
            let lines = sheet.lines().filter(|line| line.contains(&format!("| {} | {} |", entry.title, entry.help)));
            assert_eq!(lines.count(), entry.contexts.len(), "{}", entry.id);
        }
    }
}
