// Marks a device without a camera, where Gradio's button for it would do nothing.

{
  const asked = navigator.mediaDevices?.enumerateDevices() ?? Promise.resolve([]); // none over http
  asked.then((found) => {
    const hasCamera = found.some(({ kind }) => kind === "videoinput");
    document.documentElement.classList.toggle("no-camera", !hasCamera);
  });
}
