using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using XLLM.Contracts.Requests;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

public sealed class SerializationTests
{
    private static readonly Serializer Serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    public static TheoryData<Type> ContractTypes => [.. Samples.ContractTypes];

    [Theory]
    [MemberData(nameof(ContractTypes))]
    public void Every_contract_type_travels_with_every_member(Type type)
    {
        var sample = new Samples().Create(type);

        var copy = RoundTrip(type, sample);

        Assert.IsType(type, copy);
        Assert.Equal(Structure.Of(sample), Structure.Of(copy));
    }

    [Theory]
    [MemberData(nameof(ContractTypes))]
    public void Every_contract_type_travels_empty(Type type)
    {
        var empty = Activator.CreateInstance(type, nonPublic: true)!;

        Assert.Equal(Structure.Of(empty), Structure.Of(RoundTrip(type, empty)));
    }

    [Fact]
    public void Every_contract_type_has_an_alias_and_is_immutable() => Assert.All(Samples.ContractTypes, type =>
    {
        Assert.StartsWith("xllm.", type.GetCustomAttribute<AliasAttribute>()?.Alias, StringComparison.Ordinal);
        Assert.NotNull(type.GetCustomAttribute<ImmutableAttribute>());
    });

    [Fact]
    public void A_contract_type_travels_as_object()
    {
        object sample = new Samples().Create(typeof(TokenChunk));

        Assert.Equal(Structure.Of(sample), Structure.Of(Serializer.Deserialize<object>(Serializer.SerializeToArray(sample))));
    }

    [Fact]
    public void An_added_member_has_its_initial_value_and_a_removed_one_is_skipped()
    {
        var old = new VersionOne { Name = "n", Removed = new Tree { Name = "unknown here" }, Number = 7, After = "a" };

        var read = Copy<VersionOne, VersionTwo>(old);

        Assert.Equal("n", read.Name);
        Assert.Equal("initial", read.Added);
        Assert.Equal(7L, read.Number);
        Assert.Equal("a", read.After);
    }

    [Fact]
    public void A_number_that_does_not_fit_a_narrower_member_throws()
    {
        var wide = Serializer.SerializeToArray(new VersionTwo { Number = 1L << 40 });

        Assert.ThrowsAny<Exception>(() => Serializer.Deserialize<VersionOne>(wide));
        Assert.Equal(5, Copy<VersionTwo, VersionOne>(new VersionTwo { Number = 5 }).Number);
    }

    [Fact]
    public void An_object_inside_a_removed_member_is_still_there_for_others_that_refer_to_it()
    {
        var shared = new Tree { Name = "shared" };
        var old = new VersionOne { Removed = shared, Shared = shared };

        Assert.Equal("shared", Copy<VersionOne, VersionTwo>(old).Shared!.Name);
    }

    [Fact]
    public void A_positional_record_and_its_base_travel()
    {
        var value = new DerivedRecord("left", 2, 3.5m) { Extra = "extra" };

        var copy = Serializer.Deserialize<BaseRecord>(Serializer.SerializeToArray<BaseRecord>(value));

        Assert.Equal(value, Assert.IsType<DerivedRecord>(copy));
    }

    [Fact]
    public void Collections_travel()
    {
        AssertTravels(new[] { 1, 2, 3 });
        AssertTravels(new List<string?> { "a", null });
        AssertTravels(new Dictionary<string, long> { ["a"] = 1, ["b"] = long.MinValue });
        AssertTravels(new HashSet<Guid> { Guid.NewGuid() });
        AssertTravels(ImmutableArray.Create(1f, float.NaN, float.NegativeInfinity));
        AssertTravels(ImmutableList.Create("x"));
        AssertTravels(ImmutableDictionary<int, string>.Empty.Add(1, "one"));
        AssertTravels(ImmutableHashSet.Create(1, 2));
        AssertTravels(new Queue<int>([1, 2]));
        AssertTravels(new Stack<int>([1, 2]));
        AssertTravels<IReadOnlyList<string>>(new List<string> { "as interface" });
        Assert.True(Copy(default(ImmutableArray<int>)).IsDefault);
    }

    [Fact]
    public void Simple_values_travel()
    {
        AssertSame(true);
        AssertSame(byte.MaxValue);
        AssertSame(sbyte.MinValue);
        AssertSame(short.MinValue);
        AssertSame(ushort.MaxValue);
        AssertSame(int.MinValue);
        AssertSame(uint.MaxValue);
        AssertSame(long.MinValue);
        AssertSame(ulong.MaxValue);
        AssertSame(Int128.MinValue);
        AssertSame(UInt128.MaxValue);
        AssertSame('\uffff');
        AssertSame(Half.Epsilon);
        AssertSame(float.Epsilon);
        AssertSame(double.NaN);
        AssertSame(-79228162514264337593543950335m);
        AssertSame(Guid.NewGuid());
        AssertSame(DateTime.UtcNow);
        AssertSame(DateTimeOffset.Now);
        AssertSame(TimeSpan.MinValue);
        AssertSame(DateOnly.MaxValue);
        AssertSame(TimeOnly.MaxValue);
        AssertSame<int?>(null);
        AssertSame<int?>(0);
        AssertSame(DayOfWeek.Friday);
        AssertSame((1, "two", 3.0));
        AssertSame(Tuple.Create(1, "two"));
        AssertSame(KeyValuePair.Create("k", 1));
        AssertSame<string?>(null);
        AssertSame("");
        AssertSame(new Uri("https://example.org/a?b"));
        AssertSame(new Version(1, 2, 3));
    }

    [Fact]
    public void Bytes_travel()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];

        Assert.Equal(bytes, Copy(bytes));
        Assert.Equal(bytes, Copy<ReadOnlyMemory<byte>>(bytes).ToArray());
    }

    [Fact]
    public void A_type_that_is_not_marked_is_refused() =>
        Assert.ThrowsAny<SerializerException>(() => Serializer.SerializeToArray<object>(new Unserializable()));

    private static void AssertSame<T>(T value) => Assert.Equal(value, Copy(value));

    private static void AssertTravels<T>(T value) => Assert.Equal(Structure.Of(value), Structure.Of(Copy(value)));

    private static T Copy<T>(T value) => Copy<T, T>(value);

    private static TRead Copy<TWritten, TRead>(TWritten value) =>
        Serializer.Deserialize<TRead>(Serializer.SerializeToArray(value))!;

    private static object RoundTrip(Type type, object value) => typeof(SerializationTests)
        .GetMethod(nameof(Copy), 2, BindingFlags.Static | BindingFlags.NonPublic, [Type.MakeGenericMethodParameter(0)])!
        .MakeGenericMethod(type, type).Invoke(null, [value])!;
}
