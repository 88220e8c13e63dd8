using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace XLLM.Gateway.OpenAi;

/// <summary>Single tokens as the logprobs of an answer show them.</summary>
internal static class TokenTexts
{
    /// <summary>The token's text; when it is a part of a character, <c>bytes:\xe2\x82</c>, as OpenAI writes it.</summary>
    public static string Show(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder("bytes:");
        foreach (byte b in bytes)
        {
            text.Append(@"\x").Append(b.ToString("x2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
