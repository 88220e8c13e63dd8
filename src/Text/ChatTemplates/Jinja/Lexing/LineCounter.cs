namespace XLLM.Text.ChatTemplates.Jinja.Lexing;

/// <summary>Line numbers of positions that mostly go forward, in linear time over all.</summary>
internal sealed class LineCounter(string source)
{
    private int _at;
    private int _line = 1;

    /// <summary>Line from 1.</summary>
    public int At(int position)
    {
        if (position < _at)
        {
            _line -= source.AsSpan(position, _at - position).Count('\n');
        }
        else
        {
            _line += source.AsSpan(_at, position - _at).Count('\n');
        }

        _at = position;
        return _line;
    }
}
