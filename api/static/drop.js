// A document that is dropped or chosen is hashed here and never sent: only its SHA-256 and what it says of itself go
// into the address of the answer. Without scripts the place for it stays hidden.
"use strict";

(() => {
  const LARGEST = 256 * 1024 * 1024;
  const MARK = /gec-document\/([0-9a-f]{16})\/(certificate|voucher|retirement)\/([0-9A-Z]{1,32}(?:-[0-9]{1,19})?)\/([0-9]{1,12})(?![0-9])/;
  const SEAL = /gec seal ([0-9a-f]{16})/;
  const CODE = /^[0-9A-Z]{1,32}(?:-[0-9]{1,19})?$/;
  const KINDS = ["certificate", "voucher", "retirement"];

  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

  // What the file says of itself: a mark in plain text in a PDF, fields in canonical data. It proves nothing.
  const claimOfPdf = (text) => {
    const found = MARK.exec(text);
    if (!found) return null;
    const seal = SEAL.exec(text);
    return { press: found[1], kind: found[2], code: found[3], asOf: found[4], seal: seal ? seal[1] : "" };
  };

  const claimOfData = (bytes) => {
    try {
      const data = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      const claim = { press: "", kind: data.kind, code: data.code, asOf: String(data.as_of.block), seal: "" };
      return KINDS.includes(claim.kind) && CODE.test(claim.code) && /^[0-9]{1,12}$/.test(claim.asOf) ? claim : null;
    } catch {
      return null;
    }
  };

  const claimOf = (bytes) => {
    const head = String.fromCharCode(...bytes.subarray(0, 5));
    return head === "%PDF-" ? claimOfPdf(new TextDecoder("latin1").decode(bytes)) : claimOfData(bytes);
  };

  const answerTo = (folder, claim, sha256) => {
    const query = new URLSearchParams({ as_of: claim.asOf, sha256 });
    if (claim.press) query.set("press", claim.press);
    if (claim.seal) query.set("seal", claim.seal);
    return `${folder}${claim.kind}/${encodeURIComponent(claim.code)}?${query}`;
  };

  const check = async (place, file) => {
    const said = place.querySelector(".drop-said");
    const say = (what) => { said.textContent = place.dataset[what]; };
    if (!window.crypto || !window.crypto.subtle) return say("insecure");
    if (file.size > LARGEST) return say("large");
    say("reading");
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const claim = claimOf(bytes);
      if (!claim) return say("none");
      window.location.assign(answerTo(place.dataset.drop, claim, hex(await crypto.subtle.digest("SHA-256", bytes))));
    } catch {
      say("failed");
    }
  };

  for (const place of document.querySelectorAll("[data-drop]")) {
    const input = place.querySelector("input[type=file]");
    place.hidden = false;
    input.addEventListener("change", () => { if (input.files.length) check(place, input.files[0]); });
    for (const kind of ["dragenter", "dragover"]) {
      place.addEventListener(kind, (event) => { event.preventDefault(); place.classList.add("over"); });
    }
    for (const kind of ["dragleave", "drop"]) {
      place.addEventListener(kind, () => place.classList.remove("over"));
    }
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) check(place, event.dataTransfer.files[0]);
    });
  }
})();
