using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Net;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Types that are serialisable without a mark, with their names on the wire.</summary>
internal static class BuiltIn
{
    public static IReadOnlyDictionary<Type, string> ByType { get; } = new Dictionary<Type, string>
    {
        [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short",
        [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long",
        [typeof(ulong)] = "ulong", [typeof(Int128)] = "int128", [typeof(UInt128)] = "uint128", [typeof(char)] = "char",
        [typeof(float)] = "float", [typeof(double)] = "double", [typeof(Half)] = "half", [typeof(decimal)] = "decimal",
        [typeof(string)] = "string", [typeof(object)] = "object", [typeof(Guid)] = "guid", [typeof(DateTime)] = "datetime",
        [typeof(DateTimeOffset)] = "datetimeoffset", [typeof(TimeSpan)] = "timespan", [typeof(DateOnly)] = "dateonly",
        [typeof(TimeOnly)] = "timeonly", [typeof(Uri)] = "uri", [typeof(Version)] = "version",
        [typeof(IPAddress)] = "ipaddress", [typeof(IPEndPoint)] = "ipendpoint",
        [typeof(Memory<byte>)] = "memory", [typeof(ReadOnlyMemory<byte>)] = "readonlymemory",
        [typeof(GrainId)] = "GrainId", [typeof(GrainType)] = "GrainType", [typeof(GrainInterfaceType)] = "GrainInterfaceType",
        [typeof(IdSpan)] = "IdSpan", [typeof(ActivationId)] = "ActivationId", [typeof(SiloAddress)] = "SiloAddress",
        [typeof(GrainReference)] = "GrainRef", [typeof(Exception)] = "Exception",
        [typeof(Nullable<>)] = "Nullable", [typeof(List<>)] = "List", [typeof(HashSet<>)] = "HashSet",
        [typeof(SortedSet<>)] = "SortedSet", [typeof(Queue<>)] = "Queue", [typeof(Stack<>)] = "Stack",
        [typeof(Collection<>)] = "Collection", [typeof(ReadOnlyCollection<>)] = "ReadOnlyCollection",
        [typeof(Dictionary<,>)] = "Dictionary", [typeof(SortedDictionary<,>)] = "SortedDictionary",
        [typeof(ReadOnlyDictionary<,>)] = "ReadOnlyDictionary", [typeof(ConcurrentDictionary<,>)] = "ConcurrentDictionary",
        [typeof(KeyValuePair<,>)] = "KeyValuePair",
        [typeof(ImmutableArray<>)] = "ImmutableArray", [typeof(ImmutableList<>)] = "ImmutableList",
        [typeof(ImmutableHashSet<>)] = "ImmutableHashSet", [typeof(ImmutableSortedSet<>)] = "ImmutableSortedSet",
        [typeof(ImmutableQueue<>)] = "ImmutableQueue", [typeof(ImmutableDictionary<,>)] = "ImmutableDictionary",
        [typeof(ImmutableSortedDictionary<,>)] = "ImmutableSortedDictionary",
        [typeof(Tuple<>)] = "Tuple`1", [typeof(Tuple<,>)] = "Tuple`2", [typeof(Tuple<,,>)] = "Tuple`3",
        [typeof(Tuple<,,,>)] = "Tuple`4", [typeof(Tuple<,,,,>)] = "Tuple`5", [typeof(Tuple<,,,,,>)] = "Tuple`6",
        [typeof(Tuple<,,,,,,>)] = "Tuple`7",
        [typeof(ValueTuple<>)] = "ValueTuple`1", [typeof(ValueTuple<,>)] = "ValueTuple`2",
            [typeof(ValueTuple<,,>)] = "ValueTuple`3",
        [typeof(ValueTuple<,,,>)] = "ValueTuple`4", [typeof(ValueTuple<,,,,>)] = "ValueTuple`5",
        [typeof(ValueTuple<,,,,,>)] = "ValueTuple`6", [typeof(ValueTuple<,,,,,,>)] = "ValueTuple`7",
        [typeof(ValueTuple<,,,,,,,>)] = "ValueTuple`8",
    };

    public static IReadOnlyDictionary<string, Type> ByName { get; } =
        ByType.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);

    /// <summary>The codec of a type that is not generic, or null.</summary>
    public static Codec? Simple(Type type) => Codecs.GetValueOrDefault(type);

    /// <summary>The codec of a built-in generic type, or null.</summary>
    public static Codec? Generic(Type definition, Type[] arguments)
    {
        if (definition == typeof(List<>))
        {
            return Make(typeof(ListCodec<>), arguments);
        }

        if (definition == typeof(ImmutableArray<>))
        {
            return Make(typeof(ImmutableArrayCodec<>), arguments);
        }

        if (definition == typeof(Nullable<>))
        {
            return Make(typeof(NullableCodec<>), arguments);
        }

        var factory = typeof(CollectionFactories).GetMethod(definition.Name.Split('`')[0]);
        return factory is not null && ByType.ContainsKey(definition) && factory.GetGenericArguments().Length == arguments.Length
            ? (Codec)factory.MakeGenericMethod(arguments).Invoke(null, null)!
            : null;
    }

    public static Codec Make(Type definition, Type[] types, params object?[] arguments) =>
        (Codec)Activator.CreateInstance(definition.MakeGenericType(types), arguments)!;

    private static Dictionary<Type, Codec> Codecs { get; } = new Codec[]
    {
        new NumberCodec<bool>(v => v ? 1 : 0, n => n is 0 or 1 ? n == 1 : throw new ArgumentException("0 or 1 is expected.")),
        new UnsignedCodec<byte>(), new SignedCodec<sbyte>(), new SignedCodec<short>(), new UnsignedCodec<ushort>(),
        new SignedCodec<int>(), new UnsignedCodec<uint>(), new SignedCodec<long>(), new UnsignedCodec<ulong>(),
        new UnsignedCodec<char>(), new FloatCodec<Half>(), new FloatCodec<float>(), new FloatCodec<double>(),
        new Fixed128Codec<UInt128>(v => v, b => b), new Fixed128Codec<Int128>(v => (UInt128)v, b => (Int128)b),
        new Fixed128Codec<Guid>(v => new UInt128(GuidBits.High(v), GuidBits.Low(v)), b => GuidBits.Create(b)),
        new Fixed128Codec<decimal>(DecimalBits.To, DecimalBits.From),
        new Fixed128Codec<DateTimeOffset>(
            v => new UInt128((ulong)v.Ticks, unchecked((ulong)v.Offset.Ticks)),
            b => new DateTimeOffset((long)(ulong)(b >> 64), new TimeSpan(unchecked((long)(ulong)b)))),
        new NumberCodec<TimeSpan>(v => v.Ticks, n => new TimeSpan(n)),
        new NumberCodec<DateTime>(v => v.ToBinary(), DateTime.FromBinary),
        new NumberCodec<DateOnly>(v => v.DayNumber, n => DateOnly.FromDayNumber(checked((int)n))),
        new NumberCodec<TimeOnly>(v => v.Ticks, n => new TimeOnly(n)),
        new StringCodec(), new ByteArrayCodec(),
        new MemoryCodec<ReadOnlyMemory<byte>>(v => v, b => b), new MemoryCodec<Memory<byte>>(v => v, b => b),
        new TextClassCodec<Uri>(v => v.OriginalString, t => new Uri(t, UriKind.RelativeOrAbsolute)),
        new TextClassCodec<Version>(v => v.ToString(), Version.Parse),
        new TextClassCodec<IPAddress>(v => v.ToString(), IPAddress.Parse),
        new TextClassCodec<IPEndPoint>(v => v.ToString(), IPEndPoint.Parse),
        new TextClassCodec<SiloAddress>(v => v.ToParsableString(), SiloAddress.Parse),
        new TextCodec<IdSpan>(v => v.ToString(), IdSpan.Create),
        new TextCodec<GrainType>(v => v.ToString(), t => t.Length == 0 ? default : GrainType.Create(t)),
        new TextCodec<GrainInterfaceType>(v => v.ToString(), t => t.Length == 0 ? default : GrainInterfaceType.Create(t)),
        new TextCodec<GrainId>(v => v.IsDefault ? "" : v.ToString(), t => t.Length == 0 ? default : GrainId.Parse(t)),
        new Fixed128Codec<ActivationId>(
            v => new UInt128(GuidBits.High(v.Key), GuidBits.Low(v.Key)), b => new ActivationId(GuidBits.Create(b))),
    }.ToDictionary(c => c.Type);
}
