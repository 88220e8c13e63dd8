using System.Numerics;
using System.Runtime.CompilerServices;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>
/// What one rendering has used, and the clock. One rendering, one thread. Nothing inside a rendering catches exceptions, so depth
/// need not be restored by one.
/// </summary>
internal sealed class RenderState(TemplateLimits limits, TimeProvider time)
{
    private const int UnitsPerItem = 8;
    private const int CharactersPerStep = 64;

    private long _steps;
    private long _allocated;
    private int _depth;

    public TimeProvider Time => time;

    public TemplateLimits Limits => limits;

    /// <summary>Line of the node at work, for errors.</summary>
    public int Line { get; set; }

    public TemplateException Error(string reason) => new(TemplateErrorKind.Evaluation, reason, Line);

    public TemplateException LimitError(string reason) => new(TemplateErrorKind.Limit, reason, Line);

    public void Step(long count = 1)
    {
        _steps += count;
        if (_steps > limits.MaxSteps)
        {
            throw LimitError($"the template does not end within {limits.MaxSteps} steps");
        }
    }

    /// <summary>Counts the work of looking at a text once.</summary>
    public void Scan(long characters) => Step(1 + (characters / CharactersPerStep));

    public void Enter(int line)
    {
        Line = line;
        Step();
        if (++_depth > limits.MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw LimitError($"calls, blocks or values are nested deeper than {limits.MaxDepth}");
        }
    }

    public void Leave() => _depth--;

    /// <summary>To be called before a text of that many UTF-16 units is made.</summary>
    public void ReserveText(long length)
    {
        if (length > limits.MaxStringLength)
        {
            throw LimitError($"a string of {length} characters is longer than the {limits.MaxStringLength} allowed");
        }

        Scan(length);
        Allocate(length);
    }

    /// <summary>To be called before a list, tuple or dict of that many items is made.</summary>
    public void ReserveItems(BigInteger count)
    {
        if (count > limits.MaxItems)
        {
            throw LimitError($"{count} items are more than the {limits.MaxItems} allowed");
        }

        Step((long)count);
        Allocate((long)count * UnitsPerItem);
    }

    /// <summary>Counts one more item of a list whose length is not known beforehand.</summary>
    public void ReserveNext(int index)
    {
        if (index >= limits.MaxItems)
        {
            throw LimitError($"more than the {limits.MaxItems} items allowed");
        }

        Step();
        Allocate(UnitsPerItem);
    }

    /// <summary>An integer, refused when it is too large.</summary>
    public IntValue Integer(BigInteger number)
    {
        if (number.GetBitLength() > limits.MaxIntegerBits)
        {
            throw LimitError($"an integer of more than {limits.MaxIntegerBits} bits");
        }

        return new IntValue(number);
    }

    /// <summary>A string that is already there, counted.</summary>
    public StringValue Text(string text)
    {
        ReserveText(text.Length);
        return new StringValue(text);
    }

    private void Allocate(long units)
    {
        _allocated += units;
        if (_allocated > limits.MaxAllocation)
        {
            throw LimitError($"the template makes more than {limits.MaxAllocation} characters of intermediate values");
        }
    }
}
