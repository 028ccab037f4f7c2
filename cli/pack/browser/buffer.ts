// The domain writes and reads bytes with Node's Buffer; this is its well-known copy for browsers.
import { Buffer } from 'buffer/';

export { Buffer };
