// Prints wrangler.toml as JSON. Runs by the Node.js that wrangler accepts: print_config.mjs FILE

import { experimental_readRawConfig as readRawConfig } from "wrangler";

const { rawConfig } = readRawConfig({ config: process.argv[2] }, { hideWarnings: true });
console.log(JSON.stringify(rawConfig));
