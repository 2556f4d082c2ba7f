import { existsSync } from 'node:fs';

/** The Vulkan driver that computes on the processor, as Debian's package chromium-common installs it. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** What loads drivers: Chromium comes with its driver, and without this. */
const loaders = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/libvulkan.so.1`);

/**
 * The environment in which WebGPU finds a GPU: the driver that VK_ICD_FILENAMES names, or SwiftShader; undefined where
 * neither is there, whose reason is printed.
 * @param suite what is skipped then
 */
export function softwareGpu(suite: string): Readonly<Record<string, string>> | undefined {
  const driver = process.env['VK_ICD_FILENAMES'] ?? swiftShader;
  const missing = !existsSync(driver) ? driver : loaders.some(existsSync) ? undefined : 'libvulkan.so.1';
  if (missing === undefined) return { VK_ICD_FILENAMES: driver };
  console.log(
    `skipped: ${suite} needs a Vulkan driver: ${missing} is absent (Debian: chromium-common, libvulkan1)`,
  );
  return undefined;
}
