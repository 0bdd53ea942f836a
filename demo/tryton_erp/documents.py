# SPDX-License-Identifier: GPL-3.0-or-later
"""Invoices and orders as documents: HTML templates for the ERP, and what turns them into PDF.

The modules' own templates are OpenDocument files, which only LibreOffice turns into PDF. Run as a
script, this file is the ERP's `convert_command`; it must not import the ERP then.
"""

import sys
from pathlib import Path
from typing import Any

HEAD = """<!DOCTYPE html>
<html xmlns:py="http://genshi.edgewall.org/"><head><meta charset="utf-8"/>
<title>${record.rec_name}</title></head><body>
<py:def function="money(value)">${format_currency(value, None, record.currency, symbol=False)}</py:def>
<py:def function="table(lines)">
<table border="1" width="100%"><thead><tr><th width="17%">Ref.</th>
<th width="41%">Artículo / Item</th><th width="16%">Cant. / Qty</th><th width="12%">Precio / Price</th>
<th width="14%">Importe / Amount</th></tr></thead><tbody>
<tr py:for="line in lines"><td>${line.product and line.product.code or ''}</td>
<td>${line.product and line.product.name or line.description or ''}</td>
<td align="right">${'%g' % line.quantity} ${line.unit and line.unit.symbol or ''}</td>
<td align="right">${format_number(line.unit_price, None, digits=4)}</td>
<td align="right">${money(line.amount)}</td></tr></tbody></table>
<p align="right">Base / Untaxed ${money(record.untaxed_amount)}</p>
<p align="right">IVA / Tax ${money(record.tax_amount)}</p>
<p align="right"><b>Total ${money(record.total_amount)} ${record.currency.code}</b></p>
</py:def>
<p><b>${record.company.party.name}</b><br/>
${record.company.party.addresses and record.company.party.addresses[0].full_address.replace('\\n', ', ') or ''}
${record.company.party.tax_identifier and record.company.party.tax_identifier.code or ''}</p>
"""
CUSTOMER = """<p>${record.party.code} <b>${record.party.name}</b>
${record.party.tax_identifier and record.party.tax_identifier.code or ''}<br/>
${record.invoice_address and record.invoice_address.full_address.replace('\\n', ', ') or ''}</p>
"""
INVOICE = (
    HEAD
    + """<h1>${record.total_amount &lt; 0 and 'Abono / Credit note' or 'Factura / Invoice'} ${record.number or '-'}</h1>
"""
    + CUSTOMER
    + """<p>Fecha / Date ${record.invoice_date and format_date(record.invoice_date) or ''}.
Pedidos / Orders
${', '.join(s.number + (s.reference and ' (' + s.reference + ')' or '') for s in record.sales) or '-'}</p>
${table([l for l in record.lines if l.type == 'line'])}
<p py:for="due in record.lines_to_pay">Vencimiento / Due ${format_date(due.maturity_date)}:
${money(due.debit - due.credit)}</p>
</body></html>"""
)
SALE = (
    HEAD
    + """<h1>${record.state in ('draft', 'quotation') and 'Presupuesto / Quotation' or 'Pedido / Order'}
${record.number or '-'}</h1>
"""
    + CUSTOMER
    + """<p>Su referencia / Your reference: ${record.reference or '-'}.
<py:if test="record.state == 'quotation' and record.quotation_expire">
Válido hasta / Valid until ${format_date(record.quotation_expire)}</py:if></p>
${table([l for l in record.lines if l.type == 'line'])}
</body></html>"""
)


def report_templates(seed: Any) -> None:
    """Give the ERP's invoice and order documents these templates."""
    Report = seed.get("ir.action.report")
    for module, name, html in [
        ("account_invoice", "report_invoice", INVOICE),
        ("sale", "report_sale", SALE),
    ]:
        report = Report(seed.xml(module, name))
        report.template_extension = "html"
        report.extension = "pdf"
        report.report_content_custom = html.encode()
        report.save()


def to_pdf(source: Path, target: Path) -> None:
    """Write the HTML document `source` as PDF to `target`."""
    from fpdf import FPDF

    html = source.read_text(encoding="utf-8")
    html = html[html.index("<body>") :].replace("\u20ac", "EUR").replace("\u202f", " ")
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=9)
    pdf.write_html(html.encode("latin-1", "replace").decode("latin-1"))
    pdf.output(str(target))


if __name__ == "__main__":
    to_pdf(Path(sys.argv[1]), Path(sys.argv[2]))
