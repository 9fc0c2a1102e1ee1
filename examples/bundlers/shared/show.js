/** Asks the worker for the faces of sample.png and writes them into the page. */
export function show(worker, files = {}) {
  const url = (path) => new URL(path, document.baseURI).href
  worker.onmessage = ({ data }) => {
    document.querySelector('#result').textContent = JSON.stringify(data)
  }
  worker.onerror = ({ message }) => {
    document.querySelector('#result').textContent = JSON.stringify({ error: message })
  }
  worker.postMessage({ picture: url('sample.png'), files })
}
