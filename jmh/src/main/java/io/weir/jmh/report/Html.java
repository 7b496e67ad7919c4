package io.weir.jmh.report;

/** One page that needs nothing but itself, and is well-formed XML too, piece by piece. Not thread-safe. */
public final class Html {
    private static final String CSS = """
            :root { color-scheme: light dark; --text: #1c2330; --dim: #5b6472; --page: #fcfcfd; --line: #dde1e7;
              --ours: #2463b5; --peer: #a9b3c1; --floor: #dfb46c; --good: #137a4b; --bad: #c22f33; }
            @media (prefers-color-scheme: dark) { :root { --text: #e4e8ef; --dim: #9aa5b4; --page: #14181f; --line: #323a47;
              --ours: #6ba6f2; --peer: #59657a; --floor: #94723a; --good: #4dc48b; --bad: #f2777a; } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 60rem;
              margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .2rem; }
            h3 { font-size: .95rem; margin: 1.1rem 0 .2rem; font-weight: 600; } p { margin: .3rem 0; } .dim { color: var(--dim); }
            svg { width: 100%; height: auto; display: block; } svg text { font-size: 12px; fill: var(--text); }
            rect.ours { fill: var(--ours); } rect.peer { fill: var(--peer); } rect.floor { fill: var(--floor); }
            .scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
            td, th { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
            th { color: var(--dim); font-weight: 500; } td.n, th.n { text-align: right; }
            path { fill: none; stroke-width: 2; } path.ours, circle.ours { stroke: var(--ours); } path.peer, circle.peer { stroke: var(--peer); }
            path.floor, circle.floor { stroke: var(--floor); } circle { fill: var(--page); stroke-width: 2; } line.grid { stroke: var(--line); }
            .HOLDS { color: var(--good); } .SHORT { color: var(--bad); } .NOT_MEASURED { color: var(--dim); }
            """;

    private final StringBuilder page = new StringBuilder();

    /**
     * Begins a page.
     *
     * @param title plain text, as all that is called text here
     */
    public Html(String title) {
        add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" + escape(title)
                + "</title>\n<style>\n" + CSS + "</style>\n</head>\n<body>\n<h1>" + escape(title) + "</h1>\n");
    }

    /** Adds markup as it is. */
    public Html add(String markup) {
        page.append(markup);
        return this;
    }

    public Html heading(String text) {
        return add("<h2>" + escape(text) + "</h2>\n");
    }

    public Html smallHeading(String text) {
        return add("<h3>" + escape(text) + "</h3>\n");
    }

    public Html paragraph(String text) {
        return add("<p>" + escape(text) + "</p>\n");
    }

    /** A paragraph that isn't pressed on anybody. */
    public Html aside(String text) {
        return add("<p class=\"dim\">" + escape(text) + "</p>\n");
    }

    /**
     * Begins a table.
     *
     * @param columns their names; a column of numbers has a name that ends with its unit after a comma, or "#"
     */
    public Html beginTable(String... columns) {
        add("<div class=\"scroll\"><table>\n<tr>");
        for (String column : columns) {
            boolean numbers = column.contains(",") || column.endsWith("#");
            add((numbers ? "<th class=\"n\">" : "<th>") + escape(column.replace("#", "")) + "</th>");
        }
        return add("</tr>\n");
    }

    public Html endTable() {
        return add("</table></div>\n");
    }

    /** A row of a table: numbers to the right, all else as text. */
    public Html row(Object... cells) {
        add("<tr>");
        for (Object cell : cells) {
            add(
                    cell instanceof Number number
                            ? "<td class=\"n\">" + Goal.Claim.number(number.doubleValue()) + "</td>"
                            : "<td>" + escape(cell.toString()) + "</td>");
        }
        return add("</tr>\n");
    }

    /** The page, ended. */
    public String end() {
        return page + "</body>\n</html>\n";
    }

    /** Text as markup. */
    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
