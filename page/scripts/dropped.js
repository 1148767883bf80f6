// A picture or film of this page that is dropped onto it restores what it shows: the link is in its
// metadata, see page/widgets/saved_pictures.py. What is dropped onto a field is the field's. One on
// the wall of a class, or chosen under "Share", is opened in the same way.

let restorePicture = null; // takes a file

{
  const ASCII = new TextDecoder("latin1");
  const LINK = /#([a-z]+\?v=[^#\s]*)$/;

  /** Of a PNG: its text "Comment". */
  function pngComment(bytes) {
    const view = new DataView(bytes.buffer);
    for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
      const told = ASCII.decode(bytes.subarray(at + 4, at + 8 + view.getUint32(at)));
      if (told.startsWith("tEXtComment\0")) return told.slice(12);
    }
    return "";
  }

  /** Of a GIF: its first comment, which stands before its first frame. */
  function gifComment(bytes) {
    let at = 13 + (bytes[10] & 0x80 ? 3 << ((bytes[10] & 7) + 1) : 0);
    while (bytes[at] === 0x21) {
      const kind = bytes[at + 1];
      const parts = [];
      for (at += 2; bytes[at]; at += bytes[at] + 1) {
        parts.push(ASCII.decode(bytes.subarray(at + 1, at + 1 + bytes[at])));
      }
      at++;
      if (kind === 0xfe) return parts.join("");
    }
    return "";
  }

  const READERS = { "image/png": pngComment, "image/gif": gifComment };

  const isOurs = ({ target, dataTransfer }) =>
    dataTransfer.types.includes("Files") &&
    !target.closest("#noise-image, .block:has(input[type=file])");

  async function restore(file) {
    const read = READERS[file.type];
    const comment = read ? read(new Uint8Array(await file.arrayBuffer())) : "";
    const [, link] = LINK.exec(comment) ?? [];
    if (link) openLink(link);
    else document.dispatchEvent(new CustomEvent("tell", { detail: "line_no_link" }));
  }

  restorePicture = restore;
  document.addEventListener("dragover", (event) => {
    if (isOurs(event)) event.preventDefault(); // otherwise the browser would leave the page
  });
  document.addEventListener("drop", (event) => {
    if (!isOurs(event) || !event.dataTransfer.files.length) return;
    event.preventDefault();
    restore(event.dataTransfer.files[0]);
  });
}
