package io.weir.examples;

/** How the report looks: by the reader's preference light or dark, with the same classes for charts and tables. */
final class ReportStyle {
    static final String CSS = """
            :root { color-scheme: light dark; --text: #1c2330; --dim: #5b6472; --page: #fcfcfd; --card: #f1f3f6;
              --grid: #dde1e7; --blue: #2463b5; --green: #137a4b; --amber: #b36200; --red: #c22f33; --violet: #7448a8;
              --band: .13; }
            @media (prefers-color-scheme: dark) { :root { --text: #e4e8ef; --dim: #9aa5b4; --page: #14181f;
              --card: #1e242e; --grid: #323a47; --blue: #6ba6f2; --green: #4dc48b; --amber: #f0a63c; --red: #f2777a;
              --violet: #b998e8; --band: .2; } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page);
              max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .3rem; }
            p { margin: .3rem 0; } .dim { color: var(--dim); }
            .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .6rem; margin: 1.2rem 0 .8rem; }
            .tile { background: var(--card); border-radius: .5rem; padding: .5rem .9rem; }
            .tile b { display: block; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
            .tile span { color: var(--dim); font-size: .85rem; }
            svg { width: 100%; height: auto; display: block; } svg text { font-size: 12px; fill: var(--dim); }
            .grid { stroke: var(--grid); fill: none; } .line { fill: none; stroke-width: 2; stroke-linejoin: round;
              stroke-linecap: round; } .thin { stroke-width: 1.5; stroke-dasharray: 5 4; }
            .wide { stroke-width: 6; opacity: .55; } .dot { stroke-width: 6; }
              .blue { stroke: var(--blue); } .green { stroke: var(--green); } .amber { stroke: var(--amber); }
            .red { stroke: var(--red); } .violet { stroke: var(--violet); } .grey { stroke: var(--dim); }
            .band { opacity: var(--band); } rect.HEALTHY, rect.CLOSED { fill: var(--green); }
            rect.SLOW, rect.HALF_OPEN { fill: var(--amber); } rect.FAILING, rect.OPEN { fill: var(--red); }
            rect.RATE_LIMITING { fill: var(--violet); } rect.solid { opacity: .75; } rect.soft { opacity: .35; }
            .band.HEALTHY { opacity: 0; } svg text.on { fill: var(--text); font-weight: 600; }
            .key { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .85rem; color: var(--dim); }
            .key svg { width: 1.6rem; height: .6rem; display: inline-block; margin-right: .35rem; }
            .scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
            td, th { text-align: right; padding: .15rem .7rem; border-bottom: 1px solid var(--grid); }
            td:first-child, th:first-child { text-align: left; padding-left: 0; } th { color: var(--dim); font-weight: 500; }
            ul { list-style: none; padding: 0; margin: .4rem 0; } .ok::before { content: "\\2713\\00a0"; color: var(--green); }
            .wrong::before { content: "\\2717\\00a0"; color: var(--red); } .wrong { color: var(--red); font-weight: 600; }
            summary { cursor: pointer; color: var(--dim); margin-top: 2rem; }
            """;

    private ReportStyle() {}
}
