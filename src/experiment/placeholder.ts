/** What a runner fills into arguments, environment and templates. */
const PLACEHOLDER = /\{(?:host|port|work|data)\}|\{(?:port|service|service_host|service_port):/;

/** Whether a text of another program's holds what gctune would take for a placeholder of its own. */
export function hasPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text);
}
