"""The certificate of destruction as a PDF: codes, two signatures, a digest; nothing that tells who the donor is."""

from io import BytesIO

from reportlab.lib.pagesizes import LETTER
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from biobank.specimens.models import DestructionCertificate
from biobank.web import watermark

_LEFT, _TOP, _LINE = 20 * mm, LETTER[1] - 25 * mm, 5.5 * mm


def certificate_pdf(certificate: DestructionCertificate, donor_code: str) -> bytes:
    """As many pages as there are tubes to name; the digest stands on each."""
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=LETTER, invariant=True)
    canvas.setTitle(f"Certificate of destruction {certificate.id}")
    at = _head(canvas, certificate, donor_code)
    for line in certificate.lines:
        if at < 30 * mm:
            _foot(canvas, certificate)
            canvas.showPage()
            at = _TOP
        canvas.setFont("Courier", 9)
        canvas.drawString(
            _LEFT, at, f"{line['code']}  {line['kind']:<10}{line['material'] or '':<6}{line['event'][:32]}"
        )
        at -= _LINE
    _foot(canvas, certificate)
    canvas.save()
    return stream.getvalue()


def _head(canvas: Canvas, certificate: DestructionCertificate, donor_code: str) -> float:
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(_LEFT, _TOP, "Certificate of destruction")
    canvas.setFont("Helvetica", 10)
    at = _TOP - 10 * mm
    for text in (
        f"Number: {certificate.id}",
        f"Donor: {donor_code}, who has withdrawn",
        f"Destroyed by {certificate.method}: {len(certificate.lines)} tubes",
        f"Asked for by {certificate.asked_by}, {certificate.asked_at:%Y-%m-%d %H:%M:%S} UTC",
        f"Approved by {certificate.approved_by}, {certificate.approved_at:%Y-%m-%d %H:%M:%S} UTC",
    ):
        canvas.drawString(_LEFT, at, text)
        at -= _LINE
    canvas.setFont("Helvetica-Bold", 9)
    canvas.drawString(_LEFT, at - _LINE, "Code, tube, material, and the hash of the event that destroyed it")
    return at - 2 * _LINE


def _foot(canvas: Canvas, certificate: DestructionCertificate) -> None:
    canvas.setFont("Courier", 8)
    canvas.drawString(_LEFT, 15 * mm, f"SHA-256 {certificate.sha256}")
    watermark.on_page(canvas)
