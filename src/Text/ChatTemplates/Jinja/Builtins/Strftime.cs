using System.Globalization;
using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Python's <c>strftime</c> in the C locale, for a time without a zone.</summary>
internal static class Strftime
{
    private const int MaxNesting = 2;

    public static string Format(RenderState state, DateTimeOffset time, string format)
    {
        OutputBuffer result = new(state);
        Write(time.DateTime, format, result, MaxNesting);
        return result.ToString();
    }

    private static void Write(DateTime time, string format, OutputBuffer result, int nesting)
    {
        for (int at = 0; at < format.Length; at++)
        {
            int percent = format.IndexOf('%', at);
            if (percent < 0 || percent + 1 >= format.Length)
            {
                result.Write(format[at..]);
                return;
            }

            result.Write(format[at..percent]);
            at = percent + 1;
            bool plain = format[at] == '-' && at + 1 < format.Length;
            at += plain ? 1 : 0;
            string? composed = nesting > 0 ? Composed(format[at]) : null;
            if (composed is not null)
            {
                Write(time, composed, result, nesting - 1);
                continue;
            }

            // What it does not know it leaves as it is, as the C library does.
            string text = Directive(time, format[at]) ?? format[percent..(at + 1)];
            result.Write(plain && text.Length > 1 && char.IsAsciiDigit(text[0]) ? text[..^1].TrimStart('0', ' ') + text[^1] : text);
        }
    }

    private static string? Composed(char directive) => directive switch
    {
        'c' => "%a %b %e %H:%M:%S %Y",
        'D' or 'x' => "%m/%d/%y",
        'F' => "%Y-%m-%d",
        'T' or 'X' => "%H:%M:%S",
        'R' => "%H:%M",
        'r' => "%I:%M:%S %p",
        _ => null,
    };

    private static string? Directive(DateTime time, char directive) => directive switch
    {
        'a' => Name(time, "ddd"),
        'A' => Name(time, "dddd"),
        'b' or 'h' => Name(time, "MMM"),
        'B' => Name(time, "MMMM"),
        'd' => Two(time.Day),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'f' => (time.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond).ToString("000000", CultureInfo.InvariantCulture),
        'H' => Two(time.Hour),
        'I' => Two(((time.Hour + 11) % 12) + 1),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'm' => Two(time.Month),
        'M' => Two(time.Minute),
        'p' => time.Hour < 12 ? "AM" : "PM",
        'P' => time.Hour < 12 ? "am" : "pm",
        'S' => Two(time.Second),
        'y' => Two(time.Year % 100),
        'Y' => time.Year.ToString(CultureInfo.InvariantCulture),
        'C' => Two(time.Year / 100),
        'u' => (((int)time.DayOfWeek + 6) % 7 + 1).ToString(CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'U' => Two((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7),
        'W' => Two((time.DayOfYear + 6 - (((int)time.DayOfWeek + 6) % 7)) / 7),
        'V' => Two(ISOWeek.GetWeekOfYear(time)),
        'G' => ISOWeek.GetYear(time).ToString(CultureInfo.InvariantCulture),
        'g' => Two(ISOWeek.GetYear(time) % 100),
        'z' or 'Z' => "",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => null,
    };

    private static string Name(DateTime time, string format) => time.ToString(format, CultureInfo.InvariantCulture);

    private static string Two(int number) => number.ToString("00", CultureInfo.InvariantCulture);
}
