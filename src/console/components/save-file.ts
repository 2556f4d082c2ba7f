/** Has the browser save a file. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken what it saves once the click's task is over.
  setTimeout(() => {
    URL.revokeObjectURL(link.href);
  }, 0);
}
