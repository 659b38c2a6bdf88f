/**
 * Takes the code out of the address before anything else: what stands behind # is sent to no server and is in no log, and so it
 * is not in the history of the browser either. It goes on in the body of a form.
 */
const code = location.hash.slice(1)
if (code !== '') {
  history.replaceState(null, '', location.pathname)
  ;(document.getElementById('code') as HTMLInputElement).value = code
  ;(document.getElementById('form') as HTMLFormElement).submit()
}

export {}
