using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Orleans.Serialization;

/// <summary>Codecs of collections; each method has the name of its collection and is found by it.</summary>
internal static class CollectionFactories
{
    public static Codec HashSet<T>() => new CollectionCodec<HashSet<T>, T>(a => [.. a]);

    public static Codec SortedSet<T>() => new CollectionCodec<SortedSet<T>, T>(a => new(a));

    public static Codec Queue<T>() => new CollectionCodec<Queue<T>, T>(a => new(a));

    // A stack enumerates from its top, and is filled from its bottom.
    public static Codec Stack<T>() => new CollectionCodec<Stack<T>, T>(a => new(a.Reverse()));

    public static Codec Collection<T>() => new CollectionCodec<Collection<T>, T>(a => new([.. a]));

    public static Codec ReadOnlyCollection<T>() => new CollectionCodec<ReadOnlyCollection<T>, T>(a => new(a));

    public static Codec ImmutableList<T>() => new CollectionCodec<ImmutableList<T>, T>(a => [.. a], immutable: true);

    public static Codec ImmutableHashSet<T>() => new CollectionCodec<ImmutableHashSet<T>, T>(a => [.. a], immutable: true);

    public static Codec ImmutableSortedSet<T>() => new CollectionCodec<ImmutableSortedSet<T>, T>(a => [.. a], immutable: true);

    public static Codec ImmutableQueue<T>() => new CollectionCodec<ImmutableQueue<T>, T>(a => [.. a], immutable: true);

    public static Codec Dictionary<TKey, TValue>()
        where TKey : notnull => new MapCodec<Dictionary<TKey, TValue>, TKey, TValue>(p => new(p));

    public static Codec SortedDictionary<TKey, TValue>()
        where TKey : notnull => new MapCodec<SortedDictionary<TKey, TValue>, TKey, TValue>(p => new(p.ToDictionary()));

    public static Codec ReadOnlyDictionary<TKey, TValue>()
        where TKey : notnull => new MapCodec<ReadOnlyDictionary<TKey, TValue>, TKey, TValue>(p => new(p.ToDictionary()));

    public static Codec ConcurrentDictionary<TKey, TValue>()
        where TKey : notnull => new MapCodec<ConcurrentDictionary<TKey, TValue>, TKey, TValue>(p => new(p));

    public static Codec ImmutableDictionary<TKey, TValue>()
        where TKey : notnull =>
        new MapCodec<ImmutableDictionary<TKey, TValue>, TKey, TValue>(p => p.ToImmutableDictionary(), immutable: true);

    public static Codec ImmutableSortedDictionary<TKey, TValue>()
        where TKey : notnull =>
        new MapCodec<ImmutableSortedDictionary<TKey, TValue>, TKey, TValue>(p => p.ToImmutableSortedDictionary(),
            immutable: true);

    public static Codec KeyValuePair<TKey, TValue>() => Struct<KeyValuePair<TKey, TValue>>();

    public static Codec Tuple<T1>() => Class<Tuple<T1>>();

    internal static Codec Struct<T>()
        where T : struct => new StructCodec<T>(MemberRules.FieldsOf(typeof(T)), declaredImmutable: false);

    internal static Codec Class<T>()
        where T : class => new ObjectCodec<T>(MemberRules.FieldsOf(typeof(T)), declaredImmutable: false);
}
