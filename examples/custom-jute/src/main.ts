/** Puts a stock into bytes and gets it back: the records are those of inventory.jute. */
import { JuteDecodeError } from "@jute-ts/runtime";
import { Stock } from "./records/stock/Stock.js";

const stock = Stock.from({
  items: [
    { name: "tea", count: 12n, shelves: new Map([["north", [1, 2]]]) },
    { name: "coffee", count: 2n ** 40n },
  ],
});

const bytes = stock.encode();
console.log(`${bytes.length} bytes`); // 66 bytes

const back = Stock.decode(bytes);
console.log(back.equals(stock)); // true
console.log(back.items?.[1]?.name, back.items?.[1]?.count); // coffee 1099511627776n
console.log(JSON.stringify(back.items?.[0])); // {"name":"tea","count":"12","shelves":[["north",[1,2]]]}

// Bytes that end too early say what is missing.
try {
  Stock.decode(bytes.subarray(0, 50));
} catch (error) {
  if (error instanceof JuteDecodeError) console.log(error.path); // Stock.items[1].name
}
