using System.Text;

namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>The text of a pattern while it is parsed: where we are, how deep, and whether case counts.</summary>
internal sealed class PatternCursor(string pattern)
{
    private const int MaxDepth = 64;

    private readonly int[] _codePoints = [.. pattern.EnumerateRunes().Select(r => r.Value)];
    private int _depth;

    /// <summary>Position, in code points.</summary>
    public int At { get; set; }

    public bool IgnoreCase { get; set; }

    public bool AtEnd => At >= _codePoints.Length;

    public int Current => _codePoints[At];

    /// <summary>The code point so many places on; -1 behind the end.</summary>
    public int Peek(int ahead) => At + ahead < _codePoints.Length ? _codePoints[At + ahead] : -1;

    public void Enter(string what)
    {
        if (++_depth > MaxDepth)
        {
            throw Error($"{what} nest deeper than {MaxDepth}");
        }
    }

    public void Leave() => _depth--;

    public TokenizerFormatException Error(string what)
    {
        string shown = pattern.Length <= 200 ? pattern : string.Concat(pattern.AsSpan(0, 200), "…");
        return new TokenizerFormatException($"Pattern \"{shown}\" at character {At}: {what}.");
    }

    public bool Take(char c)
    {
        if (AtEnd || Current != c)
        {
            return false;
        }

        At++;
        return true;
    }

    public bool TakeText(string text)
    {
        if (At + text.Length > _codePoints.Length)
        {
            return false;
        }

        for (int i = 0; i < text.Length; i++)
        {
            if (_codePoints[At + i] != text[i])
            {
                return false;
            }
        }

        At += text.Length;
        return true;
    }

    public string TextOf(int from, int to)
    {
        var text = new StringBuilder();
        for (int i = from; i < to; i++)
        {
            text.Append(new Rune(_codePoints[i]).ToString());
        }

        return text.ToString();
    }
}
