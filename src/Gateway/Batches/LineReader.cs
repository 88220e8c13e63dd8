namespace XLLM.Gateway.Batches;

/// <summary>Lines of a stream, none longer than a limit in memory, each with its place. One thread.</summary>
internal sealed class LineReader(Stream stream, int maxBytes)
{
    private const int FirstBuffer = 64 << 10;

    private byte[] _buffer = new byte[Math.Min(FirstBuffer, maxBytes + 1)];
    private int _begin;
    private int _end;
    private int _length;
    private int _terminator;
    private bool _over;
    private long _skipped;

    /// <summary>Where the line begins.</summary>
    public long Offset { get; private set; }

    /// <summary>The line without its line feed; empty when it is too long. Valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Line => _buffer.AsMemory(_begin, _length);

    /// <summary>It is longer than the limit and was passed over.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>A line feed ends it; the last line may have none.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Goes to the next line; false = there is none.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancelled)
    {
        _begin += _length + _terminator;
        Offset += _skipped + _length + _terminator;
        (_length, _terminator, _skipped, IsTooLong) = (0, 0, 0, false);
        int searched = 0;
        while (true)
        {
            int at = _buffer.AsSpan(_begin + searched, _end - _begin - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                EndLine(searched + at, terminator: 1);
                return true;
            }

            searched = _end - _begin;
            if (searched > maxBytes)
            {
                IsTooLong = true;
                _skipped += searched;
                _begin = _end = searched = 0;
            }

            if (_over || !await FillAsync(cancelled))
            {
                _over = true;
                EndLine(searched, terminator: 0);
                return _length > 0 || IsTooLong;
            }
        }
    }

    private void EndLine(int length, int terminator)
    {
        IsEnded = terminator > 0;
        if (length > maxBytes)
        {
            IsTooLong = true;
        }

        if (IsTooLong)
        {
            _skipped += length;
            _begin += length;
            length = 0;
        }

        (_length, _terminator) = (length, terminator);
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancelled)
    {
        if (_begin > 0)
        {
            Array.Copy(_buffer, _begin, _buffer, 0, _end - _begin);
            (_begin, _end) = (0, _end - _begin);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Min(2L * _buffer.Length, maxBytes + 1L));
        }

        int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancelled);
        _end += read;
        return read > 0;
    }
}
