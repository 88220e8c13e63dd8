using System.Text;

namespace XLLM.Cli.Terminal;

/// <summary>
/// Markdown for a terminal while it is being written: headings, emphasis, code, lists, quotes. Only what cannot be told yet is held
/// back, so text shows as it comes. What is not known here stays as it is. One thread.
/// </summary>
internal sealed class MarkdownStream
{
    private const string Fence = "```";
    private const int MostHeld = 32;

    private readonly StringBuilder _held = new();
    private readonly StringBuilder _out = new();
    private bool _isLineStart = true;
    private bool _isFenced;
    private bool _isCode;
    private bool _isBold;
    private bool _isItalic;
    private bool _isHeading;
    private char _before = '\n';

    /// <summary>What can be shown after this piece.</summary>
    public string Append(string piece)
    {
        foreach (char c in AnsiText.Clean(piece))
        {
            Take(c);
        }

        return Drain();
    }

    /// <summary>What was held back, and the end of all styles.</summary>
    public string Finish()
    {
        if (_isLineStart)
        {
            EndPrefix(isLineEnd: true);
        }
        else
        {
            EndMark('\n');
        }

        EndStyles();
        return Drain();
    }

    private string Drain()
    {
        string text = _out.ToString();
        _out.Clear();
        return text;
    }

    private void Take(char c)
    {
        if (_isLineStart)
        {
            TakePrefix(c);
        }
        else
        {
            TakeText(c);
        }
    }

    // At a line's start: held until it is known what kind of line it is.
    private void TakePrefix(char c)
    {
        if (c == '\n')
        {
            EndPrefix(isLineEnd: true);
            NewLine();
            return;
        }

        _held.Append(c);
        string held = _held.ToString();
        string start = held.TrimStart(' ');
        if (_isFenced)
        {
            // A closing fence, or a line of code.
            if (!Fence.StartsWith(start, StringComparison.Ordinal) && !start.StartsWith(Fence, StringComparison.Ordinal))
            {
                EndPrefix(isLineEnd: false);
            }

            return;
        }

        bool undecided = start.StartsWith(Fence, StringComparison.Ordinal) || Fence.StartsWith(start, StringComparison.Ordinal)
            || (start.Length <= 6 && start.All(x => x == '#')) || IsRule(start) || start is "-" or "+" or "*" or ">";
        if (!undecided || held.Length > MostHeld)
        {
            EndPrefix(isLineEnd: false);
        }
    }

    private void EndPrefix(bool isLineEnd)
    {
        string held = _held.ToString();
        _held.Clear();
        _isLineStart = false;
        _before = ' ';
        string start = held.TrimStart(' ');
        string indent = held[..^start.Length];
        if (start.StartsWith(Fence, StringComparison.Ordinal))
        {
            ToggleFence(start[Fence.Length..].Trim());
        }
        else if (_isFenced)
        {
            _out.Append(AnsiText.Dim).Append("│ ").Append(AnsiText.Reset).Append(AnsiText.Code).Append(held);
        }
        else if (isLineEnd && IsRule(start) && start.Length >= 3)
        {
            _out.Append(AnsiText.Dim).Append("────────").Append(AnsiText.Reset);
        }
        else if (HeadingText(start) is { } heading)
        {
            BeginHeading();
            TakeAll(heading);
        }
        else if (start is ['-' or '+' or '*', ' ', ..])
        {
            _out.Append(indent).Append("• ");
            TakeAll(start[2..]);
        }
        else if (start.StartsWith('>'))
        {
            _out.Append(indent).Append(AnsiText.Dim).Append("▌ ").Append(AnsiText.Reset);
            TakeAll(start[1..].TrimStart(' '));
        }
        else
        {
            _out.Append(indent);
            TakeAll(start);
        }
    }

    private static bool IsRule(string text) =>
        text.Length > 0 && text[0] is '-' or '*' or '_' && text.All(c => c == text[0]) && text.Length <= MostHeld;

    private static string? HeadingText(string start)
    {
        int marks = start.TakeWhile(c => c == '#').Count();
        return marks is >= 1 and <= 6 && start.Length > marks && start[marks] == ' ' ? start[(marks + 1)..] : null;
    }

    private void BeginHeading()
    {
        _isHeading = true;
        _out.Append(AnsiText.Bold).Append(AnsiText.Underline);
    }

    private void TakeAll(string text)
    {
        foreach (char c in text)
        {
            TakeText(c);
        }
    }

    private void ToggleFence(string language)
    {
        _isFenced = !_isFenced;
        _out.Append(AnsiText.Dim).Append(_isFenced ? $"┌ {language}" : "└").Append(AnsiText.Reset);
    }

    private void TakeText(char c)
    {
        if (c == '\n')
        {
            EndMark(c);
            NewLine();
        }
        else if (_isFenced)
        {
            _out.Append(c);
        }
        else if (c == '*' && !_isCode && _held.Length < 2)
        {
            _held.Append(c);
        }
        else
        {
            EndMark(c);
            if (c == '`')
            {
                _isCode = !_isCode;
                _out.Append(_isCode ? AnsiText.Code : AnsiText.CodeOff);
            }
            else
            {
                _out.Append(c);
            }

            _before = c;
        }
    }

    // Asterisks are emphasis where they stand at the side of a word, else asterisks.
    private void EndMark(char next)
    {
        if (_held.Length == 0)
        {
            return;
        }

        string marks = _held.ToString();
        _held.Clear();
        bool isOpen = marks.Length == 2 ? _isBold : _isItalic;
        bool fits = isOpen ? !char.IsWhiteSpace(_before) : !char.IsWhiteSpace(next);
        if (!fits)
        {
            _out.Append(marks);
        }
        else if (marks.Length == 2)
        {
            _isBold = !_isBold;
            _out.Append(_isBold ? AnsiText.Bold : AnsiText.BoldOff);
        }
        else
        {
            _isItalic = !_isItalic;
            _out.Append(_isItalic ? AnsiText.Italic : AnsiText.ItalicOff);
        }

        _before = '*';
    }

    private void NewLine()
    {
        EndStyles();
        _out.Append('\n');
        _isLineStart = true;
        _before = '\n';
    }

    private void EndStyles()
    {
        if (_isBold || _isItalic || _isCode || _isHeading || _isFenced)
        {
            _out.Append(AnsiText.Reset);
        }

        _isBold = _isItalic = _isCode = _isHeading = false;
    }
}
