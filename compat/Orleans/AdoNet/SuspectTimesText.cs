using System.Globalization;

namespace Orleans.Runtime;

/// <summary>Votes as the membership table has them: <c>ip:port@generation,yyyy-MM-dd HH:mm:ss.fff GMT</c>, joined by <c>|</c>.</summary>
internal static class SuspectTimesText
{
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.fff 'GMT'";

    public static string? Format(IEnumerable<Tuple<SiloAddress, DateTime>>? votes) => votes is null
        ? null
        : string.Join('|', votes.Select(v =>
            $"{v.Item1.ToParsableString()},{v.Item2.ToString(TimeFormat, CultureInfo.InvariantCulture)}"));

    public static List<Tuple<SiloAddress, DateTime>>? Parse(string? text) => string.IsNullOrWhiteSpace(text)
        ? null
        : [.. text.Split('|').Select(ParseVote)];

    private static Tuple<SiloAddress, DateTime> ParseVote(string vote)
    {
        var comma = vote.IndexOf(',', StringComparison.Ordinal);
        if (comma <= 0
            || !SiloAddress.TryParse(vote[..comma], out var silo)
            || !DateTime.TryParseExact(vote[(comma + 1)..], TimeFormat, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
        {
            throw new FormatException($"'{vote}' is not a vote; it would be 'ip:port@generation,yyyy-MM-dd HH:mm:ss.fff GMT'.");
        }

        return Tuple.Create(silo, time);
    }
}
