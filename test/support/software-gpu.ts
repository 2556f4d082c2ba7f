import { existsSync } from 'node:fs';

/** The Vulkan driver that computes on the processor, as Debian's package chromium-common installs it. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** What loads drivers, of the system's packages; Chromium has one beside its driver, in a folder that must be named. */
const loaders = ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/libvulkan.so.1`);
const chromium = '/usr/lib/chromium';

/**
 * The environment in which WebGPU finds a GPU: the driver that VK_ICD_FILENAMES names, or SwiftShader; undefined where
 * neither is there, whose reason is printed.
 * @param suite what is skipped then
 */
export function softwareGpu(suite: string): Readonly<Record<string, string>> | undefined {
  const driver = process.env['VK_ICD_FILENAMES'] ?? swiftShader;
  const hasDriver = existsSync(driver);
  if (hasDriver && loaders.some(existsSync)) return { VK_ICD_FILENAMES: driver };
  if (hasDriver && existsSync(`${chromium}/libvulkan.so.1`))
    return { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: chromium };
  const missing = hasDriver ? 'libvulkan.so.1' : driver;
  console.log(
    `skipped: ${suite} needs a Vulkan driver: ${missing} is absent (Debian: chromium-common, libvulkan1)`,
  );
  return undefined;
}
