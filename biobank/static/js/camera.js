// The camera as a scanner, where no scanner is at hand: the browser's own detector, else the one kept with us.
"use strict";

(() => {
  const PAUSE_MS = 60;
  const CODE = /^[A-Z]\d{12}$/;
  const ACROSS = [0.5, 0.25, 0.375, 0.625, 0.75, 0.125, 0.875], DOWN = [0.5, 0.25, 0, 0.75, 1], AT_ONCE = 8;
  const PARTS = [0.8, 0.6, 1].flatMap((share) => DOWN.flatMap((down) => ACROSS.map((across) => [across, down, share])));
  let turn = 0;
  const place = `camera:${location.pathname}`;
  let stream;

  const ours = async (address) => {
    if (!window.ZXing) {
      await new Promise((done, failed) => {
        const script = Object.assign(document.createElement("script"), { src: address, onload: done, onerror: failed });
        document.head.append(script);
      });
    }
    const canvas = document.createElement("canvas"), context = canvas.getContext("2d", { willReadFrequently: true });
    const bars = new ZXing.Code128Reader(), matrix = new ZXing.DataMatrixReader();
    const harder = new Map([[ZXing.DecodeHintType.TRY_HARDER, true]]);
    const see = (video, [x, y, wide, high]) => {
      [canvas.width, canvas.height] = [wide, high];
      context.drawImage(video, x, y, wide, high, 0, 0, wide, high);
      return new ZXing.BinaryBitmap(new ZXing.HybridBinarizer(new ZXing.HTMLCanvasElementLuminanceSource(canvas)));
    };
    const read = (reader, picture, aim) => {
      try {
        const text = reader.decode(picture, harder).getText();
        // With the AIM identifier, as a scanner that is set up sends it, where the code is one of ours.
        return CODE.test(text) ? aim + text : text;
      } catch {
        return "";
      }
    };
    return async (video) => {
      const wide = video.videoWidth, high = video.videoHeight;
      const text = read(bars, see(video, [0, 0, wide, high]), "]C0");
      if (text) return text;
      // The decoder looks for a matrix from the middle outwards, so each part of the picture is looked at in turn.
      for (let looked = 0; looked < AT_ONCE; looked++) {
        const [across, down, share] = PARTS[turn++ % PARTS.length], side = Math.round(high * share);
        const at = [across * (wide - side), down * (high - side)].map(Math.round);
        const found = read(matrix, see(video, [...at, side, side]), "]d1");
        if (found) return found;
      }
      return "";
    };
  };

  const theirs = async () => {
    if (!("BarcodeDetector" in window)) return null;
    const formats = ["code_128", "data_matrix"], known = await BarcodeDetector.getSupportedFormats();
    if (!formats.every((format) => known.includes(format))) return null;
    const detector = new BarcodeDetector({ formats });
    return async (video) => ((await detector.detect(video))[0] || {}).rawValue || "";
  };

  const stop = (button) => {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = undefined;
    const video = document.querySelector("[data-camera-picture]");
    if (video) video.remove();
    button.setAttribute("aria-pressed", "false");
  };

  const start = async (button) => {
    const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
    video.dataset.cameraPicture = "";
    video.className = "label-picture";
    button.closest("form").append(video);
    button.setAttribute("aria-pressed", "true");
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
    video.srcObject = stream;
    await video.play();
    const read = (await theirs()) || (await ours(button.dataset.camera));
    while (stream && video.isConnected) {
      const text = video.videoWidth ? await read(video) : "";
      if (text) {
        document.dispatchEvent(new CustomEvent("biobank:scan", { detail: { text, how: "camera" } }));
        break;
      }
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
    stop(button);
  };

  const begin = (button) => start(button).catch(() => {
    sessionStorage.removeItem(place);
    stop(button);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-camera]");
    if (!button) return;
    if (stream) {
      sessionStorage.removeItem(place);
      stop(button);
    } else {
      sessionStorage.setItem(place, "on");
      begin(button);
    }
  });

  // Where a camera is there to be used, the button shows; once pressed, the next scan of this page begins by itself.
  const offer = () => {
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
    for (const button of document.querySelectorAll("[data-camera][hidden]")) {
      button.hidden = false;
      if (sessionStorage.getItem(place) && !stream) begin(button);
    }
  };
  document.addEventListener("DOMContentLoaded", offer);
  document.addEventListener("htmx:afterSettle", offer);
})();
