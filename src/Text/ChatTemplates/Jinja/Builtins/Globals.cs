using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Global functions.</summary>
internal static class Globals
{
    private static readonly BuiltinTable Functions = new()
    {
        { "namespace", "* **", MakeNamespace },
        { "dict", "* **", MakeDict },
        { "range", "start stop? step?", MakeRange },
        { "cycler", "*", c => c.More.Count > 0 ? new CyclerValue(c.More) : throw c.Error("at least one item has to be provided") },
        { "joiner", "sep?", c => new JoinerValue(c[0] ?? new StringValue(", ")) },
        { "raise_exception", "message", Raise },
        { "strftime_now", "format", c => c.State.Text(Strftime.Format(c.State, c.State.Time.GetLocalNow(), c.RequiredText(0))) },
        { "lipsum", "* **", c => throw c.Error("lipsum is not available: a chat template must give the same text every time") },
    };

    public static void Define(Scope scope)
    {
        foreach (Builtin function in Functions)
        {
            scope.Set(function.Name, new FunctionValue(function));
        }
    }

    private static Value Raise(Invocation call) =>
        throw new TemplateException(TemplateErrorKind.Refused, PythonRepr.Str(call.State, call.Get(0)), call.State.Line);

    private static NamespaceValue MakeNamespace(Invocation call)
    {
        NamespaceValue space = new();
        foreach ((Value key, Value value) in MakeDict(call).Entries)
        {
            space.Attributes[key is StringValue name ? name.Text : throw call.Error("names in a namespace must be strings")] = value;
        }

        return space;
    }

    private static DictValue MakeDict(Invocation call)
    {
        DictValue dict = new();
        if (call.More.Count > 1)
        {
            throw call.Error($"{call.Name} expected at most 1 argument, got {call.More.Count}");
        }

        if (call.More.Count == 1 && call.More[0] is DictValue source)
        {
            call.State.ReserveItems(source.Count);
            foreach ((Value key, Value value) in source.Entries)
            {
                dict.Set(Comparison.Key(call.State, key), key, value);
            }
        }
        else if (call.More.Count == 1)
        {
            AddPairs(call, dict);
        }

        foreach ((string name, Value value) in call.MoreNamed)
        {
            dict.Set(name, value);
        }

        return dict;
    }

    private static void AddPairs(Invocation call, DictValue dict)
    {
        foreach (Value pair in Iteration.Items(call.State, call.More[0]))
        {
            call.State.ReserveNext(dict.Count);
            List<Value> items = [.. Iteration.Items(call.State, pair).Take(3)];
            if (items.Count != 2)
            {
                throw call.Error($"{call.Name} needs pairs of keys and values");
            }

            dict.Set(Comparison.Key(call.State, items[0]), items[0], items[1]);
        }
    }

    private static RangeValue MakeRange(Invocation call)
    {
        BigInteger first = Whole(0);
        BigInteger start = call[1] is null ? 0 : first;
        BigInteger stop = call[1] is null ? first : Whole(1);
        BigInteger step = call[2] is null ? 1 : Whole(2);
        if (step.IsZero)
        {
            throw call.Error("range() arg 3 must not be zero");
        }

        BigInteger count = step.Sign > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
        count = (step.Sign > 0 ? start < stop : start > stop) ? count : 0;
        if (count > call.State.Limits.MaxItems)
        {
            throw call.State.LimitError($"a range of {count} items is larger than the {call.State.Limits.MaxItems} allowed");
        }

        return new RangeValue(start, stop, step, (int)count);

        BigInteger Whole(int index)
        {
            Arithmetic.RequireDefined(call.State, call.Get(index));
            return Numbers.TryInteger(call.Get(index), out BigInteger number) ? number
                : throw call.Error($"'{call.Get(index).TypeName}' object cannot be interpreted as an integer");
        }
    }
}
