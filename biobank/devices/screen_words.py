"""The words and the look of the desk's own screen, in the two languages of the programme."""

STYLE = (
    "body{font:1.1rem/1.5 sans-serif;margin:0;background:#f7f9fa;color:#1b1b1b}"
    "main{max-width:70rem;margin:0 auto;padding:1rem}h1{margin:.2rem 0 1rem}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.2rem;background:#fff;border:1px solid #a9aeb1;"
    "padding:1rem;margin:0 0 1rem}dt{font-weight:700}dd{margin:0;overflow-wrap:anywhere}.wide{overflow-x:auto}"
    "table{width:100%;border-collapse:collapse;background:#fff}th,td{border:1px solid #a9aeb1;padding:.6rem;"
    "text-align:left;vertical-align:top}.done{color:#19311e;white-space:nowrap}.wrong{color:#8b0a03}code{overflow-wrap:anywhere}"
    "@media(max-width:40rem){dl{grid-template-columns:1fr}}"
)

# Asks again every two seconds; without a script the page has a link for it.
SCRIPT = """
setInterval(async () => {
  try {
    const text = await (await fetch("/")).text();
    const fresh = new DOMParser().parseFromString(text, "text/html");
    document.querySelector("main").replaceWith(fresh.querySelector("main"));
    document.querySelector("#silent").hidden = true;
  } catch { document.querySelector("#silent").hidden = false; }
}, 2000);
"""

ENGLISH = {
    "lang": "en",
    "title": "This desk",
    "silent": "The station does not answer: start it again.",
    "again": "Look again",
    "server": "Server",
    "store": "Store",
    "clock": "Clock",
    "devices": "Devices",
    "device": "Device",
    "kind": "Kind, and how far it is proven",
    "state": "State",
    "last": "Last frame",
    "port": "Port",
    "none": "No device is bound here. An administrator registers them on the station's page.",
    "nothing": "nothing yet",
    "never": "not heard yet",
    "ago": "%(n)s s ago",
    "waiting": "%(n)s readings wait for the server",
    "refused": "%(n)s refused: see biobank-station spool",
    "skew": "%(n)s s beside the server's",
    "skewed": "This clock is wrong: set it.",
    "connected": "connected",
    "missing": "not plugged in",
    "busy": "in use elsewhere",
    "error": "needs help",
}

SPANISH = ENGLISH | {
    "lang": "es",
    "title": "Este puesto",
    "silent": "La estación no responde: iníciela de nuevo.",
    "again": "Mirar de nuevo",
    "server": "Servidor",
    "store": "Almacén",
    "clock": "Reloj",
    "devices": "Aparatos",
    "device": "Aparato",
    "kind": "Tipo y grado de comprobación",
    "state": "Estado",
    "last": "Última trama",
    "port": "Puerto",
    "none": "No hay ningún aparato asignado. Un administrador los registra en la página del puesto.",
    "nothing": "nada todavía",
    "never": "sin respuesta todavía",
    "ago": "hace %(n)s s",
    "waiting": "%(n)s lecturas esperan al servidor",
    "refused": "%(n)s rechazadas: consulte biobank-station spool",
    "skew": "%(n)s s respecto al servidor",
    "skewed": "Este reloj está mal: ajústelo.",
    "connected": "conectado",
    "missing": "no está enchufado",
    "busy": "en uso por otro programa",
    "error": "necesita ayuda",
}
