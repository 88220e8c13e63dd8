namespace Orleans.Serialization;

internal static class TextForm
{
    public static T Parse<T>(string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw new SerializerException($"The message is broken: '{text}' is no {typeof(T)}.", e);
        }
    }
}
