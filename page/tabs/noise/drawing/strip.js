// The picture under the drawn schedule at eight times, below its curve and in line with it: what a
// hand changes is in sight while it draws.

const TIMES = 8;
const strip = find(".editor .strip");
const pieces = Array.from({ length: TIMES }, () => make("canvas"));
strip.append(...pieces);

function showStrip() {
  const { toX } = handlePlot();
  const { T, alphasCumprod } = drawn;
  const { size } = picture;
  strip.style.paddingInline = `${toX(0)}px ${strip.parentNode.clientWidth - toX(T - 1)}px`;
  pieces.forEach((piece, k) => {
    const t = Math.round(((k + 0.5) / TIMES) * (T - 1)); // in the middle of its part of the axis
    if (piece.width !== size) piece.width = piece.height = size;
    const context = piece.getContext("2d");
    const image = context.createImageData(size, size);
    image.data.fill(255); // alpha
    blend(image, alphasCumprod[t]);
    context.putImageData(image, 0, 0);
  });
}
