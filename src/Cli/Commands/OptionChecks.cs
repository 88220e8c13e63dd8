using System.Globalization;

namespace XLLM.Cli.Commands;

/// <summary>Ranges of options.</summary>
internal static class OptionChecks
{
    public static int AtLeastOne(int value, string option) =>
        value >= 1 ? value : throw new ArgumentException($"{option} is {value}; it must be at least 1.");

    public static double Between(double value, double least, double most, string option) => value >= least && value <= most
        ? value
        : throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture, $"{option} is {value}; it must be between {least} and {most}."));
}
