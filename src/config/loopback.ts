/** Whether a host's name or number, as it stands in a URL, is this host alone. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(\.\d+){3}$/u.test(hostname)
}
