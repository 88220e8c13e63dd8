using System.Reflection;
using System.Reflection.Emit;

namespace Orleans.Serialization;

/// <summary>
/// How a member is read and set: by its field where it has one, so that init-only and get-only ones can be set.
/// </summary>
internal sealed record MemberAccess(uint Id, string Name, Type Type, FieldInfo? Field, PropertyInfo? Property)
{
    public Delegate Getter(Type owner, Type delegateType)
    {
        var method = new DynamicMethod($"get_{Name}", Type, [owner.MakeByRefType()], owner, skipVisibility: true);
        var il = method.GetILGenerator();
        LoadOwner(il, owner);
        if (Field is not null)
        {
            il.Emit(OpCodes.Ldfld, Field);
        }
        else
        {
            il.Emit(owner.IsValueType ? OpCodes.Call : OpCodes.Callvirt, Property!.GetMethod!);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate(delegateType);
    }

    public Delegate Setter(Type owner, Type delegateType)
    {
        var method = new DynamicMethod($"set_{Name}", null, [owner.MakeByRefType(), Type], owner, skipVisibility: true);
        var il = method.GetILGenerator();
        LoadOwner(il, owner);
        il.Emit(OpCodes.Ldarg_1);
        if (Field is not null)
        {
            il.Emit(OpCodes.Stfld, Field);
        }
        else
        {
            il.Emit(owner.IsValueType ? OpCodes.Call : OpCodes.Callvirt, Property!.SetMethod!);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate(delegateType);
    }

    private static void LoadOwner(ILGenerator il, Type owner)
    {
        il.Emit(OpCodes.Ldarg_0);
        if (!owner.IsValueType)
        {
            il.Emit(OpCodes.Ldind_Ref);
        }
    }
}
