// A .zoomable button opens the picture in it large. What a film or a slider draws on the picture
// meanwhile is drawn large, too.

{
  const STRIP = 2; // from this ratio of width to height on, a picture is a strip: it may be wider
  const STRIP_SCALE = 4; // than the screen, with this many pixels per pixel, and scrolls

  const canvas = make("canvas", { role: "img" });
  const scroll = make("div", { className: "scroll", tabIndex: 0 }, canvas);
  const [name, close] = [make("p"), make("button", { type: "button" })];
  const bar = make("div", { className: "bar" }, name, close);
  const dialog = make("dialog", { id: "zoom" }, scroll, bar);
  let picture = null; // on the page

  function draw() {
    if (!dialog.open) return;
    const width = picture.naturalWidth ?? picture.width;
    const height = picture.naturalHeight ?? picture.height;
    if (canvas.width !== width || canvas.height !== height) {
      Object.assign(canvas, { width, height });
      dialog.style.setProperty("--ratio", width / height);
      dialog.style.setProperty("--least", width > STRIP * height ? STRIP_SCALE * width : 0);
    }
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    if (width && height) context.drawImage(picture, 0, 0);
    requestAnimationFrame(draw);
  }

  /** `place`: 0 to 1, what was tapped between the picture's left and right, and stays in sight. */
  function enlarge(place) {
    dialog.ariaLabel = canvas.ariaLabel = name.textContent = picture.ariaLabel || picture.alt;
    close.textContent = sentence("close");
    dialog.showModal();
    close.focus();
    draw();
    scroll.scrollLeft = place * scroll.scrollWidth - scroll.clientWidth / 2;
  }

  document.addEventListener("click", ({ target, clientX }) => {
    const button = target.closest(".zoomable");
    if (!button) return;
    picture = button.querySelector("canvas, img");
    const { left, width } = button.getBoundingClientRect();
    enlarge((clientX - left) / width);
  });
  dialog.addEventListener("click", () => dialog.close()); // anywhere, its button included
  whenThere("main.contain", (main) => main.append(dialog)); // Gradio confines styles to it
}
