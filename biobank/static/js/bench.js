// The bench keeps every scan in the browser until the server has it: in order, once each, over reloads and lost lines.
"use strict";

(() => {
  const place = document.querySelector("[data-bench]");
  if (!place) return;
  const field = place.querySelector("[data-scan-input]"), badge = document.getElementById("bench-kept");
  // More than a few that wait were made without a line: they go together, and one by one only if they are refused so.
  const AGAIN_MS = 2000, WAIT_MS = 15000, GLANCE_MS = 200, FEW = 5, MANY = 50;
  // Scans belong to whoever made them: another person's wait until that person signs in here.
  const person = place.dataset.person || localStorage.getItem("bench-person") || "";
  // Each scan has an entry of its own, by its number: one more costs the same after eight hours. Their names, in order,
  // are read once; another tab's come by the event "storage".
  const SCANS = "bench-scan:", mine = `${SCANS}${person}:`;
  let waiting = [], hasOthers = false;
  const look = () => {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(SCANS));
    waiting = names.filter((name) => name.startsWith(mine)).sort();
    hasOthers = names.length > waiting.length;
  };
  let why = "", isSending = false, left = 0, glance = 0;
  if (place.dataset.person) localStorage.setItem("bench-person", person);
  if (!localStorage.getItem("bench-device")) localStorage.setItem("bench-device", `bench-${key().slice(0, 8)}`);

  function key() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  const keep = (scan) => {
    const number = Number(localStorage.getItem("bench-number") || 0) + 1;
    localStorage.setItem("bench-number", number);
    const name = `${mine}${String(number).padStart(12, "0")}:${scan.id}`;
    localStorage.setItem(name, JSON.stringify(scan));
    waiting.push(name);
  };
  const sound = (tone) => document.dispatchEvent(new CustomEvent("sound", { detail: tone }));

  const show = () => {
    const count = waiting.length, reason = why || (!count && hasOthers ? "others" : "");
    badge.hidden = !(why || (reason === "others"));
    badge.querySelector("[data-kept]").textContent = count;
    for (const text of badge.querySelectorAll("[data-why]")) text.hidden = text.dataset.why !== reason;
  };

  const add = (text, how) => {
    const code = text.trim();
    field.value = "";
    if (!code) return;
    try {
      keep({ id: key(), code, at: new Date().toISOString(), how });
    } catch {
      why = "full";
      sound("stop");
    }
    if (why) sound("note");
    show();
    send();
  };

  // A tube that was received changes its own square; after any other scan all of them are asked for again.
  const paint = (band) => {
    const tile = band && document.querySelector(`[data-tube="${CSS.escape(band.dataset.tile)}"]`);
    if (!tile) {
      document.body.dispatchEvent(new CustomEvent("scanned"));
      return;
    }
    const done = tile.closest("svg").previousElementSibling.querySelector("[data-done]");
    if (tile.matches(".tile--expected, .tile--missing")) done.textContent = Number(done.textContent) + 1;
    tile.setAttribute("class", `tile tile--${band.dataset.state}`);
    tile.querySelector("text").textContent = band.querySelector(".band__sign").textContent;
  };

  const answered = (html, isMany) => {
    const page = new DOMParser().parseFromString(html, "text/html"), late = page.getElementById("bench-late");
    const fresh = page.getElementById("bench-live"), old = document.getElementById("bench-live");
    if (late) document.getElementById("bench-late")?.replaceWith(late);
    if (!fresh || !old) return;
    old.replaceWith(fresh);
    if (window.htmx) htmx.process(fresh);
    paint(isMany ? null : fresh.querySelector("[data-tile]"));
    const loud = fresh.querySelector("[data-sound]");
    if (loud) sound(loud.dataset.sound);
    if (loud && loud.dataset.say && window.speechSynthesis) {
      const spoken = new SpeechSynthesisUtterance(loud.dataset.say.trim());
      spoken.lang = document.documentElement.lang;
      speechSynthesis.speak(spoken);
    }
  };

  const later = () => setTimeout(send, AGAIN_MS);

  // One tab sends at a time, where the browser can tell; a scan sent twice is one scan anyway, by its key.
  const alone = (work) => (navigator.locks ? navigator.locks.request(mine, work) : work());

  const send = async () => {
    if (isSending || !place.dataset.person) return;
    isSending = true;
    const again = await alone(sendAll).catch(() => "offline");
    isSending = false;
    why = again || "";
    show();
    if (why === "offline") later();
    else if (!why && waiting.length) send();
  };

  const sendAll = async () => {
    while (waiting.length) {
      const isMany = waiting.length > FEW && !left, sent = waiting.slice(0, isMany ? MANY : 1);
      const kept = sent.map((name) => localStorage.getItem(name)).filter(Boolean);
      if (kept.length < sent.length) {  // Another tab has sent them.
        look();
        continue;
      }
      const told = kept.map((text) => JSON.parse(text)).map((scan) => ({
        code: scan.code, scan_id: scan.id, scanned_at: scan.at, sent_at: new Date().toISOString(),
        device: localStorage.getItem("bench-device"), entered_by: scan.how || "unknown",
      }));
      const body = new URLSearchParams(isMany ? told.map((one) => ["scans", JSON.stringify(one)]) : told[0]);
      const answer = await fetch(isMany ? place.dataset.many : place.dataset.bench, {
        method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual", signal: AbortSignal.timeout(WAIT_MS),
      });
      if (answer.status === 204 || answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") return "signed-out";
      if (answer.status >= 500 || answer.status === 429) return "offline";
      const html = await answer.text();
      why = "";
      if (isMany && !answer.ok) {
        left = sent.length;
        continue;
      }
      left = Math.max(0, left - 1);
      for (const name of sent) localStorage.removeItem(name);
      waiting = waiting.filter((name) => !sent.includes(name));
      if (answer.ok) answered(html, isMany);
      show();
    }
    return "";
  };

  place.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    add(field.value, "typed");
  });
  field.addEventListener("scan", (event) => {
    event.preventDefault();
    add(event.detail.text, event.detail.how);
  });
  // A picture that is chosen but not sent yet is not swapped away.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([...event.detail.target.querySelectorAll("input[type=file]")].some((box) => box.files.length)) event.detail.shouldSwap = false;
  });
  addEventListener("online", send);
  addEventListener("storage", () => {
    clearTimeout(glance);
    glance = setTimeout(() => [look(), show()], GLANCE_MS);
  });
  place.querySelector("[data-sign-in-link]").href = place.dataset.signIn || "/sign-in";
  if (navigator.serviceWorker && place.dataset.worker) navigator.serviceWorker.register(place.dataset.worker, { scope: place.dataset.bench }).catch(() => {});
  if (!place.dataset.person) why = "offline";
  look();
  show();
  send();
})();
