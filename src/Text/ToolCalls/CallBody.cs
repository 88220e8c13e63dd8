using System.Text;
using System.Text.Json;

namespace XLLM.Text.ToolCalls;

/// <summary>
/// The JSON of one tool call, character by character: an object with <c>name</c> and <c>arguments</c> (or <c>parameters</c>), in any
/// order and beside anything else, or the arguments of a call whose name is known. Not thread-safe.
/// </summary>
internal sealed class CallBody
{
    private readonly JsonScanner _json = new();
    private readonly StringBuilder _key = new();
    private readonly StringBuilder _value = new();
    private readonly StringBuilder _arguments = new();
    private readonly bool _isArguments;
    private bool _inValue;
    private bool _argumentsBegan;

    /// <param name="name">The name, when the object is the arguments; else null.</param>
    public CallBody(string? name)
    {
        _isArguments = name is not null;
        Name = name;
    }

    /// <summary>The tool's name; null while it is not known.</summary>
    public string? Name { get; private set; }

    /// <summary>The name is known and the arguments have begun, or there are none.</summary>
    public bool IsReady => Name is not null && (_argumentsBegan || IsDone);

    /// <summary>The object is whole.</summary>
    public bool IsDone => _json.IsDone;

    /// <summary>Arguments that came since it was called last.</summary>
    public string TakeArguments()
    {
        string text = _arguments.ToString();
        _arguments.Clear();
        return text;
    }

    /// <summary>Takes a character; false = it does not fit.</summary>
    public bool Append(char c)
    {
        if (_isArguments)
        {
            _argumentsBegan = true;
            _arguments.Append(c);
            return _json.Append(c);
        }

        bool wasKey = _json.IsInKey && _json.Depth == 1;
        bool begins = _json.ExpectsValue && _json.Depth == 1 && c is not (' ' or '\t' or '\n' or '\r');
        if (!_json.Append(c))
        {
            return false;
        }

        bool fits = !begins || BeginValue();
        if (_inValue)
        {
            fits &= TakeValue(c);
        }
        else if (wasKey)
        {
            _key.Append(c);
        }
        else if (_json.IsInKey && _json.Depth == 1)
        {
            _key.Clear().Append(c);
        }

        return fits && (!IsDone || EndObject());
    }

    private bool BeginValue()
    {
        _inValue = true;
        _value.Clear();
        return !KeyIsArguments || !_argumentsBegan;
    }

    private bool KeyIsArguments => _key.Equals("\"arguments\"") || _key.Equals("\"parameters\"");

    private bool TakeValue(char c)
    {
        bool inside = _json.Depth > 1 || _json.IsInScalar;
        bool isNumber = _value.Length > 0 ? _value[0] is '-' or (>= '0' and <= '9') : c is '-' or (>= '0' and <= '9');
        if (KeyIsArguments && (_value.Length > 0 ? _value[0] : c) == '{')
        {
            _argumentsBegan = true;
            _arguments.Append(c);
            _value.Append(_value.Length == 0 ? c : ' ').Length = 1;
        }
        else if (inside || !isNumber)
        {
            _value.Append(c);
        }

        _inValue = inside;
        return inside || EndValue();
    }

    private bool EndValue()
    {
        if (_key.Equals("\"name\""))
        {
            if (Name is not null || _value[0] != '"' || Decode() is not { Length: > 0 } name)
            {
                return false;
            }

            Name = name;
            return true;
        }

        return !KeyIsArguments || _value[0] == '{' || EndOddArguments();
    }

    // Some models write the object as a string, or null for none.
    private bool EndOddArguments()
    {
        string? text = _value[0] == '"' ? Decode() : _value.Equals("null") ? "{}" : null;
        if (text is null)
        {
            return false;
        }

        var inner = new JsonScanner();
        foreach (char c in text)
        {
            if (!inner.Append(c))
            {
                return false;
            }
        }

        _argumentsBegan = true;
        _arguments.Append(text);
        return inner.IsDone;
    }

    private bool EndObject()
    {
        if (!_argumentsBegan)
        {
            _argumentsBegan = true;
            _arguments.Append("{}");
        }

        return Name is not null;
    }

    private string? Decode()
    {
        try
        {
            return JsonSerializer.Deserialize<string>(_value.ToString());
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
