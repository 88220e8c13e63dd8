using System.Globalization;

namespace XLLM.Contracts.Configuration;

/// <summary>Texts of configuration to values, with the invariant culture.</summary>
internal static class ScalarReader
{
    public static bool Handles(Type type) =>
        type == typeof(string) || type == typeof(bool) || type == typeof(int) || type == typeof(long) || type == typeof(float)
        || type == typeof(double) || type == typeof(TimeSpan) || type.IsEnum;

    public static string Describe(Type type) => type switch
    {
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(float) || type == typeof(double) => "a finite number",
        _ when type == typeof(TimeSpan) => "a duration such as 00:00:30",
        _ when type.IsEnum => "one of " + string.Join(", ", Enum.GetNames(type)),
        _ => "a text",
    };

    public static bool TryParse(Type type, string text, out object? value)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        value = type switch
        {
            _ when type == typeof(string) => text,
            _ when type == typeof(bool) => bool.TryParse(text, out bool flag) ? flag : null,
            _ when type == typeof(int) => int.TryParse(text, NumberStyles.Integer, culture, out int whole) ? whole : null,
            _ when type == typeof(long) => long.TryParse(text, NumberStyles.Integer, culture, out long whole) ? whole : null,
            _ when type == typeof(float) =>
                float.TryParse(text, NumberStyles.Float, culture, out float number) && float.IsFinite(number) ? number : null,
            _ when type == typeof(double) =>
                double.TryParse(text, NumberStyles.Float, culture, out double number) && double.IsFinite(number) ? number : null,
            // A bare number would be days, which nobody means.
            _ when type == typeof(TimeSpan) =>
                text.Contains(':') && TimeSpan.TryParse(text, culture, out TimeSpan span) ? span : null,
            _ when type.IsEnum => Enum.TryParse(type, text, ignoreCase: true, out object? named)
                && Enum.IsDefined(type, named) ? named : null,
            _ => null,
        };
        return value is not null;
    }
}
