using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>The codec of each type, made when first asked for.</summary>
internal static class CodecTable
{
    private static readonly ConcurrentDictionary<Type, Codec> Codecs = new();

    /// <summary>Guards what is found out lazily about types that contain each other.</summary>
    public static Lock Gate { get; } = new();

    public static Codec<T> Get<T>() => Cache<T>.Codec;

    /// <summary>Throws <see cref="CodecNotFoundException"/> when the type is not serialisable.</summary>
    public static Codec Get(Type type) => Codecs.GetOrAdd(type, Create);

    /// <summary>The codec for a value's own type.</summary>
    public static Codec ForInstance(object value) =>
        value is GrainReference ? Get(typeof(GrainReference))
        : value is IAddressable ? Get(typeof(IAddressable))
        : Get(value.GetType());

    public static bool IsSerializable(Type type)
    {
        try
        {
            Get(type);
            return true;
        }
        catch (CodecNotFoundException)
        {
            return false;
        }
    }

    private static Codec Create(Type type)
    {
        if (type.IsByRefLike || type.IsPointer || type.ContainsGenericParameters || typeof(Delegate).IsAssignableFrom(type))
        {
            throw NotFound(type);
        }

        if (BuiltIn.Simple(type) is { } simple)
        {
            return simple;
        }

        if (type.IsEnum)
        {
            return BuiltIn.Make(typeof(EnumCodec<,>), [type, type.GetEnumUnderlyingType()]);
        }

        if (type.IsSZArray)
        {
            return BuiltIn.Make(typeof(ArrayCodec<>), [type.GetElementType()!]);
        }

        if (typeof(IAddressable).IsAssignableFrom(type))
        {
            return BuiltIn.Make(typeof(ReferenceCodec<>), [type]);
        }

        if (typeof(ITuple).IsAssignableFrom(type) && BuiltIn.ByType.ContainsKey(type.GetGenericTypeDefinition()))
        {
            var factory = type.IsValueType ? nameof(CollectionFactories.Struct) : nameof(CollectionFactories.Class);
            return (Codec)typeof(CollectionFactories).GetMethod(factory, BindingFlags.Static | BindingFlags.NonPublic)!
                .MakeGenericMethod(type).Invoke(null, null)!;
        }

        if (type.IsGenericType && BuiltIn.Generic(type.GetGenericTypeDefinition(), type.GetGenericArguments()) is { } generic)
        {
            return generic;
        }

        return Declared(type);
    }

    private static Codec Declared(Type type)
    {
        var marked = type.IsDefined(typeof(GenerateSerializerAttribute), false);
        if (type == typeof(object) || type.IsInterface || (type.IsAbstract && !type.IsSealed))
        {
            return BuiltIn.Make(typeof(PolymorphicCodec<>), [type]);
        }

        if (ExceptionTypes.Travels(type))
        {
            var members = marked
                ? Activator.CreateInstance(typeof(MemberTable<>).MakeGenericType(type), MemberRules.LevelsOf(type))
                : null;
            return BuiltIn.Make(typeof(ExceptionCodec<>), [type], members);
        }

        if (!marked)
        {
            throw NotFound(type);
        }

        var immutable = type.IsDefined(typeof(ImmutableAttribute), false);
        return BuiltIn.Make(
            type.IsValueType ? typeof(StructCodec<>) : typeof(ObjectCodec<>), [type], MemberRules.LevelsOf(type), immutable);
    }

    private static CodecNotFoundException NotFound(Type type) => new(
        $"Could not find a codec for type {type}: it is not serialisable. Mark it with [GenerateSerializer] and its members with [Id].");

    private static class Cache<T>
    {
        private static Codec<T>? _codec;

        // Not a static initialiser: that would turn "not serialisable" into a TypeInitializationException for ever.
        public static Codec<T> Codec => _codec ??= (Codec<T>)Get(typeof(T));
    }
}
