// The camera as a scanner, where no scanner is at hand: the browser's own detector, else the one kept with us.
"use strict";

(() => {
  const PAUSE_MS = 120;
  const place = `camera:${location.pathname}`;
  let stream;

  const ours = async (address) => {
    if (!window.ZXing) {
      await new Promise((done, failed) => {
        const script = Object.assign(document.createElement("script"), { src: address, onload: done, onerror: failed });
        document.head.append(script);
      });
    }
    const hints = new Map([[ZXing.DecodeHintType.POSSIBLE_FORMATS, [ZXing.BarcodeFormat.CODE_128, ZXing.BarcodeFormat.DATA_MATRIX]]]);
    const reader = new ZXing.MultiFormatReader();
    reader.setHints(hints);
    const canvas = document.createElement("canvas");
    return async (video) => {
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d").drawImage(video, 0, 0);
      try {
        const light = new ZXing.HTMLCanvasElementLuminanceSource(canvas);
        return reader.decode(new ZXing.BinaryBitmap(new ZXing.HybridBinarizer(light))).getText();
      } catch {
        return "";
      }
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
