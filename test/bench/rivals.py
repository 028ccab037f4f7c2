"""Exact deciles and counts of each column, as numpy and DuckDB give them; `run` measures the peak memory of any command."""
import json, resource, subprocess, sys


def generate(rows, out):
    """Half a million rows at a time: 20 columns like those of a credit model, as CSV and as Parquet."""
    import numpy as np, pyarrow as pa, pyarrow.csv as pc, pyarrow.parquet as pq

    rng, block, writer = np.random.default_rng(7), 500_000, None
    with open(out + ".csv", "wb") as csv:
        for at in range(0, rows, block):
            n = min(block, rows - at)
            c = {"region": rng.choice(["north", "south", "east", "west"], n)}
            c |= {"age": rng.integers(18, 90, n).astype("int32"), "term": rng.integers(1, 73, n).astype("int32")}
            c |= {"lines": rng.poisson(4, n).astype("int32"), "inquiries": rng.poisson(1, n).astype("int32")}
            for i in range(6):
                c[f"amount{i}"] = pa.array(np.round(rng.lognormal(7 + i / 3, 1, n), 2), mask=rng.random(n) < 0.02)
            c |= {f"ratio{i}": np.round(rng.beta(2, 5, n), 6) for i in range(4)}
            c |= {f"signal{i}": rng.normal(0, 1, n) for i in range(4)}
            c["score"] = 1 / (1 + np.exp(-rng.normal(0, 1, n)))
            table = pa.table(c)
            writer = writer or pq.ParquetWriter(out + ".parquet", table.schema, compression="snappy")
            writer.write_table(table, row_group_size=block)
            pc.write_csv(table, csv, pc.WriteOptions(include_header=at == 0, quoting_style="none"))
    writer.close()


def by_numpy(path):
    import numpy as np, pyarrow.csv as pc, pyarrow.parquet as pq

    table = pc.read_csv(path) if path.endswith(".csv") else pq.read_table(path)
    counts = {}
    for name in table.column_names:
        if name == "region":
            counts[name] = sorted(d["counts"] for d in table[name].value_counts().to_pylist())
            continue
        x = table[name].to_numpy().astype("float64")
        x = x[~np.isnan(x)]
        edges = np.unique(np.quantile(x, np.arange(1, 10) / 10))
        edges = edges[edges < x.max()]
        counts[name] = np.bincount(np.searchsorted(edges, x, side="left"), minlength=len(edges) + 1).tolist()
    return counts


def by_duckdb(path):
    import duckdb

    source = f"read_csv('{path}')" if path.endswith(".csv") else f"'{path}'"
    ask = lambda what: duckdb.execute(f"select {what} from {source}").fetchone()
    names = [d[0] for d in duckdb.execute(f"select * from {source} limit 0").description if d[0] != "region"]
    found = ask(",".join(f"quantile_cont({n},[.1,.2,.3,.4,.5,.6,.7,.8,.9]),max({n})" for n in names))
    edges = {n: sorted({e for e in found[2 * i] if e < found[2 * i + 1]}) for i, n in enumerate(names)}
    up_to = ask(",".join(f"{','.join(f'count(*) filter ({n} <= {e!r}::double)' for e in edges[n])},count({n})" for n in names))
    counts, at = {}, 0
    for n in names:
        upper = up_to[at : at + len(edges[n]) + 1]
        counts[n] = [b - a for a, b in zip((0, *upper[:-1]), upper)]
        at += len(upper)
    counts["region"] = sorted(n for _, n in duckdb.execute(f"select region, count(*) from {source} group by 1").fetchall())
    return counts


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "run":
        done = subprocess.run(rest, stdout=subprocess.PIPE, check=True)
        sys.stdout.buffer.write(done.stdout)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"\npeak {used.ru_maxrss} cpu {used.ru_utime + used.ru_stime:.2f}")
    elif what == "generate":
        generate(int(rest[0]), rest[1])
    else:
        print(json.dumps({"numpy": by_numpy, "duckdb": by_duckdb}[what](rest[0])))
