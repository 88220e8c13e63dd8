namespace XLLM.Text.ToolCalls;

/// <summary>Follows one JSON object (RFC 8259) character by character and stops at the first that does not fit. Not thread-safe.</summary>
internal sealed class JsonScanner
{
    /// <summary>Objects and arrays within one another.</summary>
    public const int MaxDepth = 64;

    private readonly bool[] _isObject = new bool[MaxDepth + 1];
    private string _literal = "";
    private int _at;
    private bool _textIsKey;

    public JsonScanState State { get; private set; } = JsonScanState.Value;

    /// <summary>Open objects and arrays.</summary>
    public int Depth { get; private set; }

    /// <summary>The object is whole.</summary>
    public bool IsDone => State == JsonScanState.Done;

    /// <summary>Within the name of a member.</summary>
    public bool IsInKey => _textIsKey && (State is JsonScanState.Text or JsonScanState.Escape or JsonScanState.Hex);

    /// <summary>Within a string that is a value, a number or a literal.</summary>
    public bool IsInScalar => !IsInKey && State is >= JsonScanState.Text and <= JsonScanState.Literal;

    /// <summary>A value may begin now.</summary>
    public bool ExpectsValue => State is JsonScanState.Value or JsonScanState.ValueOrEnd;

    /// <summary>Takes a character; false = it does not fit.</summary>
    public bool Append(char c) => State switch
    {
        JsonScanState.Text => TakeText(c),
        JsonScanState.Escape => TakeEscape(c),
        JsonScanState.Hex => TakeHex(c),
        JsonScanState.Literal => TakeLiteral(c),
        >= JsonScanState.Minus and <= JsonScanState.ExponentDigits => TakeNumber(c),
        _ => c is ' ' or '\t' or '\n' or '\r' || TakeToken(c),
    };

    private bool TakeToken(char c)
    {
        switch (State)
        {
            case JsonScanState.Value:
            case JsonScanState.ValueOrEnd when c != ']':
                return BeginValue(c);
            case JsonScanState.ValueOrEnd:
                return Close(isObject: false);
            case JsonScanState.KeyOrEnd when c == '}':
                return Close(isObject: true);
            case JsonScanState.Key or JsonScanState.KeyOrEnd:
                return c == '"' && BeginText(isKey: true);
            case JsonScanState.Colon:
                return c == ':' && Go(JsonScanState.Value);
            case JsonScanState.AfterValue when c == ',':
                return Go(_isObject[Depth] ? JsonScanState.Key : JsonScanState.Value);
            case JsonScanState.AfterValue:
                return c is '}' or ']' && Close(isObject: c == '}');
            default:
                return false;
        }
    }

    private bool BeginValue(char c)
    {
        if (Depth == 0 && c != '{')
        {
            return false;
        }

        switch (c)
        {
            case '{' or '[':
                if (Depth == MaxDepth)
                {
                    return false;
                }

                _isObject[++Depth] = c == '{';
                return Go(c == '{' ? JsonScanState.KeyOrEnd : JsonScanState.ValueOrEnd);
            case '"':
                return BeginText(isKey: false);
            case 't' or 'f' or 'n':
                _literal = c == 't' ? "true" : c == 'f' ? "false" : "null";
                _at = 1;
                return Go(JsonScanState.Literal);
            case '-':
                return Go(JsonScanState.Minus);
            default:
                return char.IsAsciiDigit(c) && Go(c == '0' ? JsonScanState.Zero : JsonScanState.Digits);
        }
    }

    private bool BeginText(bool isKey)
    {
        _textIsKey = isKey;
        return Go(JsonScanState.Text);
    }

    private bool Close(bool isObject)
    {
        if (_isObject[Depth] != isObject)
        {
            return false;
        }

        Depth--;
        return Go(Depth == 0 ? JsonScanState.Done : JsonScanState.AfterValue);
    }

    private bool TakeText(char c)
    {
        if (c == '"')
        {
            return Go(_textIsKey ? JsonScanState.Colon : JsonScanState.AfterValue);
        }

        return c == '\\' ? Go(JsonScanState.Escape) : c >= ' ';
    }

    private bool TakeEscape(char c)
    {
        if (c == 'u')
        {
            _at = 0;
            return Go(JsonScanState.Hex);
        }

        return c is '"' or '\\' or '/' or 'b' or 'f' or 'n' or 'r' or 't' && Go(JsonScanState.Text);
    }

    private bool TakeHex(char c)
    {
        if (!char.IsAsciiHexDigit(c))
        {
            return false;
        }

        return ++_at < 4 || Go(JsonScanState.Text);
    }

    private bool TakeLiteral(char c) =>
        c == _literal[_at] && (++_at < _literal.Length || Go(JsonScanState.AfterValue));

    private bool TakeNumber(char c)
    {
        bool digit = char.IsAsciiDigit(c);
        switch (State)
        {
            case JsonScanState.Minus:
                return digit && Go(c == '0' ? JsonScanState.Zero : JsonScanState.Digits);
            case JsonScanState.Digits when digit:
            case JsonScanState.Fraction when digit:
            case JsonScanState.ExponentDigits when digit:
                return true;
            case JsonScanState.Zero or JsonScanState.Digits when c == '.':
                return Go(JsonScanState.Point);
            case JsonScanState.Point:
                return digit && Go(JsonScanState.Fraction);
            case JsonScanState.Zero or JsonScanState.Digits or JsonScanState.Fraction when c is 'e' or 'E':
                return Go(JsonScanState.Exponent);
            case JsonScanState.Exponent when c is '+' or '-':
                return Go(JsonScanState.ExponentSign);
            case JsonScanState.Exponent or JsonScanState.ExponentSign:
                return digit && Go(JsonScanState.ExponentDigits);
            default:
                // The number has ended before this character.
                State = JsonScanState.AfterValue;
                return Append(c);
        }
    }

    private bool Go(JsonScanState state)
    {
        State = state;
        return true;
    }
}
