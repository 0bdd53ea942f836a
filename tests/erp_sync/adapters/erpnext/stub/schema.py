"""Document types of the stub: the fields of ERPNext 15 that matter here, with their types and rules.

A field is "name:type" with flags: * demanded, - read only, + may change after submission, ! unique. Types: data (140
signs), text, link=Type, date, time, number, int, check, rows=Type. Names and types are those of the recorded documents,
and of ERPNext's own definitions where a recording leaves a field out because it is empty.
"""

from __future__ import annotations

from dataclasses import dataclass

OURS = "b2b_key:data! b2b_note:text+ b2b_cancelled:check+"
PARTY = "company:link=Company* currency:link=Currency customer_group:link=Customer_Group territory:data"
SUMS = """total_qty:number- base_net_total:number- net_total:number- total_taxes_and_charges:number-
    grand_total:number- base_grand_total:number- rounded_total:number- disable_rounded_total:check
    taxes_and_charges:link=Sales_Taxes_and_Charges_Template
    taxes:rows=Sales_Taxes_and_Charges"""
PRICED = """selling_price_list:link=Price_List ignore_pricing_rule:check"""
PLACES = "customer_address:link=Address+ shipping_address_name:link=Address+ shipping_address:text-"
ROW = """item_code:link=Item* item_name:data description:text qty:number* uom:link=UOM stock_uom:link=UOM-
    conversion_factor:number stock_qty:number- rate:number price_list_rate:number- discount_percentage:number
    discount_amount:number rate_with_margin:number- pricing_rules:text- net_amount:number- amount:number-
    item_tax_rate:text- item_group:data-"""

DEFINITIONS: dict[str, str] = {
    "Company": "default_currency:link=Currency* credit_limit:number",
    "Country": "code:data",
    "Currency": "smallest_currency_fraction_value:number enabled:check",
    "System Settings": "currency_precision:data number_format:data rounding_method:data",
    "UOM": "must_be_whole_number:check",
    "Price List": "currency:link=Currency selling:check",
    "Warehouse": "company:link=Company is_group:check disabled:check",
    "Lead Source": "",
    "Item Group": "item_group_name:data* parent_item_group:link=Item_Group",
    "Item": """item_name:data* item_group:link=Item_Group* stock_uom:link=UOM* sales_uom:link=UOM disabled:check
        is_sales_item:check has_variants:check variant_of:link=Item description:text image:data weight_per_unit:number
        is_stock_item:check brand:data uoms:rows=UOM_Conversion_Detail barcodes:rows=Item_Barcode
        attributes:rows=Item_Variant_Attribute""",
    "UOM Conversion Detail": "uom:link=UOM* conversion_factor:number*",
    "Item Barcode": "barcode:data!",
    "Item Variant Attribute": "attribute:data* attribute_value:data",
    "Item Price": """item_code:link=Item* price_list:link=Price_List* price_list_rate:number* uom:link=UOM
        customer:link=Customer valid_from:date valid_upto:date selling:check""",
    "Pricing Rule": """title:data apply_on:data* items:rows=Pricing_Rule_Item_Code
        item_groups:rows=Pricing_Rule_Item_Group applicable_for:data customer:link=Customer
        customer_group:link=Customer_Group territory:data min_qty:number max_qty:number discount_percentage:number
        rate:number priority:data disable:check selling:check""",
    "Pricing Rule Item Code": "item_code:link=Item*",
    "Pricing Rule Item Group": "item_group:link=Item_Group*",
    "Bin": """item_code:link=Item* warehouse:link=Warehouse* actual_qty:number reserved_qty:number ordered_qty:number
        projected_qty:number""",
    "Customer Group": "default_price_list:link=Price_List credit_limits:rows=Customer_Credit_Limit",
    "Customer Credit Limit": "company:link=Company* credit_limit:number bypass_credit_limit_check:check",
    "Customer": """customer_name:data* customer_group:link=Customer_Group* territory:data tax_id:data
        default_price_list:link=Price_List default_currency:link=Currency payment_terms:data disabled:check
        credit_limits:rows=Customer_Credit_Limit sales_team:rows=Sales_Team""",
    "Sales Team": "sales_person:data*",
    "Address": """address_title:data address_type:data* address_line1:data* address_line2:data city:data* pincode:data
        country:data* is_primary_address:check is_shipping_address:check disabled:check links:rows=Dynamic_Link""",
    "Contact": """first_name:data last_name:data email_id:data- phone:data- mobile_no:data-
        links:rows=Dynamic_Link""",
    "Dynamic Link": "link_doctype:data* link_name:data*",
    "Sales Taxes and Charges Template": "title:data taxes:rows=Sales_Taxes_and_Charges",
    "Sales Taxes and Charges": """charge_type:data* account_head:data* description:text rate:number tax_amount:number
        row_id:data included_in_print_rate:check cost_center:data""",
    "Sales Order": f"""customer:link=Customer* customer_name:data- order_type:data* transaction_date:date
        delivery_date:date+ po_no:data+ status:data- per_delivered:number- per_billed:number- per_picked:number-
        source:link=Lead_Source items:rows=Sales_Order_Item* {PARTY} {PRICED} {PLACES} {SUMS} {OURS}""",
    "Sales Order Item": f"""warehouse:link=Warehouse delivery_date:date+ delivered_qty:number- billed_amt:number-
        valuation_rate:number- prevdoc_docname:link=Quotation quotation_item:data {ROW}""",
    "Quotation": f"""quotation_to:data* party_name:data* customer_name:data- order_type:data* transaction_date:date
        valid_till:date status:data- terms:text items:rows=Quotation_Item* order_lost_reason:text-
        b2b_answer:data+ b2b_order:data+ {PARTY} {PRICED} {PLACES} {SUMS} {OURS}""",
    "Quotation Item": f"warehouse:link=Warehouse {ROW}",
    "Delivery Note": f"""customer:link=Customer* posting_date:date is_return:check return_against:link=Delivery_Note
        lr_no:data+ lr_date:date+ transporter_name:data+ status:data- items:rows=Delivery_Note_Item*
        {PARTY} {SUMS} {OURS}""",
    "Delivery Note Item": f"""warehouse:link=Warehouse against_sales_order:link=Sales_Order so_detail:data
        dn_detail:data {ROW}""",
    "Sales Invoice": f"""customer:link=Customer* posting_date:date due_date:date is_return:check
        return_against:link=Sales_Invoice outstanding_amount:number- po_no:data+ status:data-
        items:rows=Sales_Invoice_Item* {PARTY} {PRICED} {PLACES} {SUMS}""",
    "Sales Invoice Item": f"sales_order:link=Sales_Order so_detail:data incoming_rate:number- {ROW}",
    "Payment Entry": """company:link=Company* party_type:data* party:link=Customer* payment_type:data* posting_date:date
        paid_from:data paid_to:data paid_amount:number* received_amount:number* unallocated_amount:number-
        total_allocated_amount:number- paid_from_account_currency:data- paid_to_account_currency:data-
        mode_of_payment:data reference_no:data reference_date:date references:rows=Payment_Entry_Reference
        b2b_key:data!""",
    "Payment Entry Reference": """reference_doctype:data* reference_name:data* total_amount:number
        outstanding_amount:number allocated_amount:number*""",
}
STANDARD = ("name", "owner", "creation", "modified", "modified_by", "docstatus", "idx", "doctype")
CHILD = ("parent", "parentfield", "parenttype")
LOCAL = ("__islocal", "__unsaved", "__onload")


@dataclass(frozen=True)
class Field:
    """A field of a document type."""

    name: str
    kind: str
    of: str = ""
    flags: str = ""


def _field(told: str) -> Field:
    name, _, rest = told.partition(":")
    kind = rest.rstrip("*-+!")
    base, _, of = kind.partition("=")
    return Field(name, base, of.replace("_", " "), rest[len(kind) :])


SCHEMA: dict[str, dict[str, Field]] = {
    doctype: {field.name: field for field in map(_field, told.split())} for doctype, told in DEFINITIONS.items()
}


def tables(doctype: str) -> dict[str, str]:
    """Return the document type of each table of a type."""
    return {field.name: field.of for field in SCHEMA[doctype].values() if field.kind == "rows"}
