//! The rows of THE table of fields.

use super::{Entity, Field, FieldId, Kind};

/// Makes [`FIELDS`] of rows: number, name, kind and limit in characters; then the label on screens and the headers in the
/// older and in the current Genesys dialect; then what CRMs call it.
macro_rules! fields {
    ($($number:literal $name:literal $kind:ident $(($of:literal))? $limit:literal $($required:ident)?
        $label:literal, $header:literal, $current:literal $(aka $($alias:literal),+)?;)*) => {
        /// Every built-in field, in the order of files that muster writes.
        pub static FIELDS: [Field; [$($number),*].len()] = [$(Field {
            id: FieldId($number),
            name: $name,
            entity: if $number < FieldId::ACCOUNT_ID.0 { Entity::Contact } else { Entity::Organization },
            kind: Kind::$kind $((FieldId($of)))?,
            limit: $limit,
            required: is_required!($($required)?),
            label: $label,
            header: $header,
            header_current: $current,
            aliases: &[$($($alias),+)?],
        }),*];
    };
}

macro_rules! is_required {
    () => {
        false
    };
    (required) => {
        true
    };
}

fields! {
    0 "contact.id" Id 255 required
        "Contact ID", "Contact Id", "External ID"
        aka "Record ID", "Contact Record ID", "Contact External ID", "Customer ID", "(Do Not Modify) Contact",
            "Contact No", "Contact Number";
    1 "contact.salutation" Text 1000
        "Salutation", "Contact Salutation", "Salutation"
        aka "Prefix", "Name Prefix", "Honorific";
    2 "contact.first_name" Text 1000 required
        "First name", "Contact First Name", "First Name"
        aka "Given Name", "Forename", "FName";
    3 "contact.middle_name" Text 1000
        "Middle name", "Contact Middle Name", "Middle Name"
        aka "Second Name", "MName";
    4 "contact.last_name" Text 1000 required
        "Last name", "Contact Last Name", "Last Name"
        aka "Surname", "Family Name", "LName";
    5 "contact.title" Text 1000
        "Title", "Contact Title", "Title"
        aka "Job Title", "Position", "Job Role";
    6 "contact.work_phone" Phone 512
        "Work phone", "Contact Work Phone", "Work Phone"
        aka "Business Phone", "Office Phone", "Phone", "Phone Number", "Telephone", "Direct Phone";
    7 "contact.work_phone_extension" Extension(6) 32
        "Work phone extension", "Contact Work Phone Extension", "Work Phone Extension"
        aka "Extension", "Phone Extension", "Ext";
    8 "contact.work_phone_country" PhoneCountry(6) 100
        "Work phone country", "Contact Work Phone Country Code", "Work Phone Country Code"
        aka "Contact Work Phone Country";
    9 "contact.work_phone_sms" PhoneSms(6) 10
        "Work phone SMS", "Contact Work Phone Accepts SMS", "Work Phone Accepts SMS"
        aka "Contact Work Phone SMS";
    10 "contact.cell_phone" Phone 512
        "Cell phone", "Contact Cell Phone", "Cell Phone"
        aka "Mobile", "Mobile Phone", "Mobile Phone Number", "Mobile Number", "Cell", "Cellphone", "Cell Number";
    11 "contact.cell_phone_extension" Extension(10) 32
        "Cell phone extension", "Contact Cell Phone Extension", "Cell Phone Extension";
    12 "contact.cell_phone_country" PhoneCountry(10) 100
        "Cell phone country", "Contact Cell Phone Country Code", "Cell Phone Country Code"
        aka "Contact Cell Phone Country";
    13 "contact.cell_phone_sms" PhoneSms(10) 10
        "Cell phone SMS", "Contact Cell Phone Accepts SMS", "Cell Phone Accepts SMS"
        aka "Contact Cell Phone SMS";
    14 "contact.home_phone" Phone 512
        "Home phone", "Contact Home Phone", "Home Phone"
        aka "Private Phone", "Home Phone Number", "Home Telephone";
    15 "contact.home_phone_extension" Extension(14) 32
        "Home phone extension", "Contact Home Phone Extension", "Home Phone Extension";
    16 "contact.home_phone_country" PhoneCountry(14) 100
        "Home phone country", "Contact Home Phone Country Code", "Home Phone Country Code"
        aka "Contact Home Phone Country";
    17 "contact.home_phone_sms" PhoneSms(14) 10
        "Home phone SMS", "Contact Home Phone Accepts SMS", "Home Phone Accepts SMS"
        aka "Contact Home Phone SMS";
    18 "contact.other_phone" Phone 512
        "Other phone", "Contact Other Phone", "Other Phone"
        aka "Asst. Phone", "Alternate Phone", "Business Phone 2", "Secondary Phone";
    19 "contact.other_phone_extension" Extension(18) 32
        "Other phone extension", "Contact Other Phone Extension", "Other Phone Extension";
    20 "contact.other_phone_country" PhoneCountry(18) 100
        "Other phone country", "Contact Other Phone Country Code", "Other Phone Country Code"
        aka "Contact Other Phone Country";
    21 "contact.other_phone_sms" PhoneSms(18) 10
        "Other phone SMS", "Contact Other Phone Accepts SMS", "Other Phone Accepts SMS"
        aka "Contact Other Phone SMS";
    22 "contact.work_email" Email 256
        "Work e-mail", "Contact Work Email", "Work Email"
        aka "Email", "E-mail", "Email Address", "E-mail Address", "Business Email", "Contact Email";
    23 "contact.personal_email" Email 256
        "Personal e-mail", "Contact Personal Email", "Personal Email"
        aka "Private Email", "Home Email";
    24 "contact.other_email" Email 256
        "Other e-mail", "Contact Other Email", "Other Email"
        aka "Email Address 2", "Secondary Email", "Alternate Email";
    25 "contact.address1" Text 200
        "Address 1", "Contact Address 1", "Address 1"
        aka "Mailing Street", "Street Address", "Street", "Address", "Address 1: Street 1", "Address Line 1";
    26 "contact.address2" Text 200
        "Address 2", "Contact Address 2", "Address 2"
        aka "Street Address 2", "Address 1: Street 2", "Address Line 2";
    27 "contact.city" Text 100
        "City", "Contact City", "City"
        aka "Mailing City", "Address 1: City", "Town";
    28 "contact.state" Text 50
        "State", "Contact State", "State"
        aka "Mailing State", "Mailing State/Province", "State/Region", "Province", "Address 1: State/Province",
            "State/Province";
    29 "contact.postal_code" Text 25
        "Postal code", "Contact Postal Code", "Postal Code"
        aka "Mailing Zip/Postal Code", "Mailing Zip", "Zip", "Zip Code", "Postcode", "Address 1: ZIP/Postal Code",
            "Zip/Postal Code";
    30 "contact.country" Country 25
        "Country", "Contact Country", "Country"
        aka "Mailing Country", "Country/Region", "Address 1: Country/Region", "Country Code";
    31 "contact.twitter" XName 255
        "X name", "Contact Twitter", "Twitter"
        aka "Twitter Username", "Twitter Handle", "X", "X Name", "Contact Twitter Id";
    32 "contact.external_url" Url 1000
        "External URL", "Contact External System URL", "External System URL"
        aka "Contact URL", "Contact External URL", "Record URL";
    33 "contact.survey_opt_out" YesNo 10
        "Survey opt-out", "Contact Survey Opt Out", "Survey Opt Out"
        aka "Opt Out Of Surveys";
    34 "account.id" Id 255 required
        "Account ID", "Account Id", "External Organization External ID"
        aka "Company ID", "Organization ID", "Associated Company ID", "Company Record ID", "External Organization ID",
            "Account External ID", "(Do Not Modify) Account", "Parent Customer ID", "Account No";
    35 "account.name" Text 1000 required
        "Account name", "Account Name", "External Organization Name"
        aka "Company", "Company Name", "Organization", "Organization Name", "Account", "Associated Company",
            "Parent Customer", "Employer";
    36 "account.company_type" Text 1000
        "Company type", "Account Company Type", "External Organization Company Type"
        aka "Company Type", "Account Type", "Relationship Type";
    37 "account.industry" Text 1000
        "Industry", "Account Industry", "External Organization Industry"
        aka "Industry";
    38 "account.phone" Phone 512
        "Phone", "Account Phone", "External Organization Phone"
        aka "Account Main Phone", "Company Phone", "Company Phone Number", "Main Phone", "Phone", "Phone Number";
    39 "account.phone_extension" Extension(38) 32
        "Phone extension", "Account Phone Extension", "External Organization Phone Extension";
    40 "account.phone_country" PhoneCountry(38) 100
        "Phone country", "Account Phone Country Code", "External Organization Phone Country Code"
        aka "Account Phone Country";
    41 "account.phone_sms" PhoneSms(38) 10
        "Phone SMS", "Account Phone Accepts SMS", "External Organization Phone Accepts SMS"
        aka "Account Phone SMS";
    42 "account.fax" Phone 512
        "Fax", "Account Fax", "External Organization Fax"
        aka "Fax", "Company Fax";
    43 "account.fax_extension" Extension(42) 32
        "Fax extension", "Account Fax Extension", "External Organization Fax Extension";
    44 "account.fax_country" PhoneCountry(42) 100
        "Fax country", "Account Fax Country Code", "External Organization Fax Country Code"
        aka "Account Fax Country";
    45 "account.fax_sms" PhoneSms(42) 10
        "Fax SMS", "Account Fax Accepts SMS", "External Organization Fax Accepts SMS"
        aka "Account Fax SMS";
    46 "account.address1" Text 200
        "Address 1", "Account Address 1", "External Organization Address 1"
        aka "Billing Street", "Billing Address Line 1", "Company Street Address", "Company Address", "Street Address",
            "Street", "Address", "Address 1";
    47 "account.address2" Text 200
        "Address 2", "Account Address 2", "External Organization Address 2"
        aka "Billing Address Line 2", "Company Street Address 2";
    48 "account.city" Text 100
        "City", "Account City", "External Organization City"
        aka "Billing City", "Company City", "City";
    49 "account.state" Text 50
        "State", "Account State", "External Organization State"
        aka "Billing State", "Billing State/Province", "Company State", "Company State/Region", "State";
    50 "account.postal_code" Text 25
        "Postal code", "Account Postal Code", "External Organization Postal Code"
        aka "Billing Zip/Postal Code", "Billing Zip", "Company Postal Code", "Company Zip", "Postal Code", "Zip";
    51 "account.country" Country 25
        "Country", "Account Country", "External Organization Country"
        aka "Billing Country", "Company Country", "Company Country/Region", "Country";
    52 "account.employees" Integer 20
        "Employees", "Account Employees", "External Organization Employee Count"
        aka "Employees", "Number of Employees", "No. of Employees", "Employee Count", "Account Employee Count";
    53 "account.revenue" Integer 20
        "Revenue", "Account Revenue", "External Organization Revenue"
        aka "Annual Revenue", "Revenue";
    54 "account.website" List 1000
        "Website", "Account Website", "External Organization Websites"
        aka "Website", "Websites", "Account Websites", "Company Website", "Website URL", "Company Domain Name",
            "Domain";
    55 "account.ticker" List 255
        "Ticker", "Account Ticker", "External Organization Tickers"
        aka "Ticker Symbol", "Ticker", "Account Tickers", "Stock Symbol";
    56 "account.tags" List 1000
        "Tags", "Account Tags", "External Organization Tags"
        aka "Company Tags", "Tags";
    57 "account.twitter" XName 255
        "X name", "Account Twitter", "External Organization Twitter"
        aka "Company Twitter", "Company Twitter Handle", "Account Twitter Id";
    58 "account.external_url" Url 1000
        "External URL", "Account External System URL", "External Organization External System URL"
        aka "Company URL", "Account External URL";
}
