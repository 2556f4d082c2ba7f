// node --require this: the wall clock goes by as many milliseconds beside the right one as the file SYMFACE_CLOCK_OFFSET says.
const { readFileSync } = require('node:fs');

const now = Date.now.bind(Date);
const RightDate = Date;
let offsetMs = 0;

function read() {
  try {
    offsetMs = Number(readFileSync(process.env.SYMFACE_CLOCK_OFFSET, 'utf8')) || 0;
  } catch {
    // Nobody has set it yet.
  }
}
read();
setInterval(read, 100).unref();

globalThis.Date = class Date extends RightDate {
  constructor(...args) {
    if (args.length === 0) super(now() + offsetMs);
    else super(...args);
  }

  static now() {
    return now() + offsetMs;
  }
};
