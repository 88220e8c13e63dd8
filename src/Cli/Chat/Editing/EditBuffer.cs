using System.Globalization;
using System.Text;

namespace XLLM.Cli.Chat.Editing;

/// <summary>
/// A text that is being typed, of one or more lines, and a cursor in it. Moves by whole characters as people see them. Pure.
/// </summary>
internal sealed class EditBuffer
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    /// <summary>Index in the text, 0 to its length.</summary>
    public int Cursor { get; private set; }

    public bool IsEmpty => _text.Length == 0;

    public void Set(string text)
    {
        _text.Clear().Append(text);
        Cursor = _text.Length;
    }

    public void Insert(string text)
    {
        _text.Insert(Cursor, text);
        Cursor += text.Length;
    }

    public void Left() => Cursor -= WidthBefore();

    public void Right() => Cursor += WidthAfter();

    /// <summary>To the begin of the line the cursor is in.</summary>
    public void Home() => Cursor = LineBegin();

    /// <summary>To the end of the line the cursor is in.</summary>
    public void End() => Cursor = LineEnd();

    public void WordLeft()
    {
        while (Cursor > 0 && !IsWord(_text[Cursor - 1]))
        {
            Cursor--;
        }

        while (Cursor > 0 && IsWord(_text[Cursor - 1]))
        {
            Cursor--;
        }
    }

    public void WordRight()
    {
        while (Cursor < _text.Length && !IsWord(_text[Cursor]))
        {
            Cursor++;
        }

        while (Cursor < _text.Length && IsWord(_text[Cursor]))
        {
            Cursor++;
        }
    }

    /// <summary>To the line above, at the same column. False = there is none.</summary>
    public bool Up()
    {
        int begin = LineBegin();
        if (begin == 0)
        {
            return false;
        }

        int column = Cursor - begin;
        Cursor = begin - 1;
        int above = LineBegin();
        Cursor = Math.Min(above + column, begin - 1);
        return true;
    }

    /// <summary>To the line below, at the same column. False = there is none.</summary>
    public bool Down()
    {
        int end = LineEnd();
        if (end == _text.Length)
        {
            return false;
        }

        int column = Cursor - LineBegin();
        Cursor = end + 1;
        Cursor = Math.Min(end + 1 + column, LineEnd());
        return true;
    }

    public void Backspace()
    {
        int width = WidthBefore();
        Cursor -= width;
        _text.Remove(Cursor, width);
    }

    public void Delete() => _text.Remove(Cursor, WidthAfter());

    public void DeleteWordBefore()
    {
        int end = Cursor;
        WordLeft();
        _text.Remove(Cursor, end - Cursor);
    }

    public void DeleteToLineBegin()
    {
        int begin = LineBegin();
        _text.Remove(begin, Cursor - begin);
        Cursor = begin;
    }

    public void DeleteToLineEnd() => _text.Remove(Cursor, LineEnd() - Cursor);

    private int LineBegin() => Cursor == 0 ? 0 : Text.LastIndexOf('\n', Cursor - 1) + 1;

    private int LineEnd() => Text.IndexOf('\n', Cursor) is >= 0 and var end ? end : _text.Length;

    private int WidthBefore()
    {
        if (Cursor == 0)
        {
            return 0;
        }

        int width = 0;
        foreach (int start in StringInfo.ParseCombiningCharacters(_text.ToString(0, Cursor)))
        {
            width = Cursor - start;
        }

        return width;
    }

    private int WidthAfter() => Cursor == _text.Length ? 0 : StringInfo.GetNextTextElementLength(Text.AsSpan(Cursor));

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_' || char.IsSurrogate(c);
}
