// Compiles Python for the browser, with the browser's own Python: Pyodide, run in Node.
// node compile.mjs PYODIDE SOURCES COMPILED: a folder with Pyodide, a zip of sources, the zip of bytecode to write.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [pyodideFolder, sources, compiled] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodideFolder}/pyodide.mjs`));
const pyodide = await loadPyodide({ indexURL: `${pyodideFolder}/` });
pyodide.FS.writeFile("/sources.zip", readFileSync(sources));
pyodide.runPython(`
import importlib.util, marshal, zipfile

# The browser is not to compare it with a source: flag 1, and no hash.
HEADER = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)

with zipfile.ZipFile("/sources.zip") as sources, zipfile.ZipFile("/compiled.zip", "w") as compiled:
    for name in sources.namelist():
        # Without the wheel's name before it, that is where tracebacks say it is.
        where = "/lib/python3.14/site-packages/" + name.partition("/")[2]
        code = compile(sources.read(name), where, "exec", dont_inherit=True)
        compiled.writestr(name, HEADER + marshal.dumps(code))
`);
writeFileSync(compiled, pyodide.FS.readFile("/compiled.zip"));
