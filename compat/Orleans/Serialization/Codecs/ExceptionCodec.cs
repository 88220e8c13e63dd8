using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Orleans.Serialization;

/// <summary>
/// An exception: message, stack text, inner exceptions, HResult, and the members of its own [GenerateSerializer] type. A copy
/// within a silo is the exception itself.
/// </summary>
internal sealed class ExceptionCodec<T>(MemberTable<T>? members) : ClassCodec<T>(WireKind.Object, tracked: false)
    where T : Exception
{
    // Ids are 0, 1, 2, ...: each one more than the last.
    private const ulong NextField = 2;

    public override bool IsImmutable => true;

    protected override void WriteBody(ByteWriter writer, T value)
    {
        writer.Unsigned(NextField);
        CodecTable.Get<string>().Write(writer, value is AggregateException ? ExceptionFields.RawMessage(value) : value.Message);
        writer.Unsigned(NextField);
        CodecTable.Get<string>().Write(writer, value.StackTrace!);
        writer.Unsigned(NextField);
        CodecTable.Get<Exception[]>().Write(writer, ExceptionFields.Inner(value));
        writer.Unsigned(NextField);
        CodecTable.Get<int>().Write(writer, value.HResult);
        if (members is not null)
        {
            writer.Unsigned(NextField);
            writer.Header(WireKind.Object);
            members.Write(writer, ref value);
        }

        writer.Unsigned(0);
    }

    protected override T ReadBody(ByteReader reader, int number)
    {
        var value = Create();
        string? message = null;
        string? stack = null;
        Exception[] inner = [];
        var hResult = value.HResult;
        var id = -1L;
        for (var field = reader.Unsigned(); field != 0; field = reader.Unsigned())
        {
            id += (long)Math.Min(field, uint.MaxValue) - 1;
            switch (id)
            {
                case 0:
                    message = CodecTable.Get<string>().Read(reader);
                    break;
                case 1:
                    stack = CodecTable.Get<string>().Read(reader);
                    break;
                case 2:
                    inner = CodecTable.Get<Exception[]>().Read(reader) ?? [];
                    break;
                case 3:
                    hResult = CodecTable.Get<int>().Read(reader);
                    break;
                case 4 when members is not null:
                    _ = reader.Header() is { Kind: WireKind.Object } ? 0
                        : throw ByteReader.Broken("an exception's members are no object");
                    members.Read(reader, ref value);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        ExceptionFields.Restore(value, message, inner, hResult);
        if (stack is not null)
        {
            ExceptionDispatchInfo.SetRemoteStackTrace(value, stack);
        }

        return value;
    }

    protected override T CopyBody(T value, CopyContext context) => value;

    private static T Create()
    {
        var constructor = typeof(T).GetConstructor(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, Type.EmptyTypes);
        try
        {
            return constructor is null
                ? (T)RuntimeHelpers.GetUninitializedObject(typeof(T))
                : (T)constructor.Invoke(null);
        }
        catch (TargetInvocationException)
        {
            return (T)RuntimeHelpers.GetUninitializedObject(typeof(T));
        }
    }
}
