using System.Globalization;

namespace KgOrleans.Grains.Tests.Contracts;

/// <summary>
/// One line of the wire contract, in one of three forms: <c>kg.ItemWrite: class</c> opens a type, <c>kg.ItemWrite [1] ItemId: string</c> is a member with its
/// id (of an enumeration: a value), <c>kg.IUserGrain.GetLiked(int most): Task&lt;byte[]&gt;</c> is a method.
/// </summary>
/// <param name="Owner">Alias of the type, or its name when it has none.</param>
/// <param name="Id">Id of a member, value of an enumeration; null for the other two forms.</param>
/// <param name="Name">Name of the member or alias of the method; empty for the line of the type itself.</param>
/// <param name="Type">Type of the member, parameters and result of the method, or kind of the type; empty for a value of an enumeration.</param>
internal sealed record ContractLine(string Owner, long? Id, string Name, string Type)
{
    /// <summary>Where the line sorts: types by name, each with its own line first, then members by id, then methods by name.</summary>
    public (string, long, string) Order => (Owner, Id ?? (Name.Length == 0 ? long.MinValue : long.MaxValue), Name);

    /// <summary>What the line is about, apart from what it says: ids stand for members, names for methods.</summary>
    public (string, long?, string) Subject => (Owner, Id, Id is null ? Name : "");

    public override string ToString() => (Id, Name, Type) switch
    {
        ({ } value, _, "") => string.Create(CultureInfo.InvariantCulture, $"{Owner} [{value}] {Name}"),
        ({ } id, _, _) => string.Create(CultureInfo.InvariantCulture, $"{Owner} [{id}] {Name}: {Type}"),
        (null, "", _) => $"{Owner}: {Type}",
        _ => $"{Owner}.{Name}{Type}",
    };

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static ContractLine Parse(string line)
    {
        if (line.IndexOf(" [", StringComparison.Ordinal) is var bracket and > 0 && line.IndexOf("] ", StringComparison.Ordinal) is var end && end > bracket
            && long.TryParse(line.AsSpan(bracket + 2, end - bracket - 2), CultureInfo.InvariantCulture, out var id))
        {
            var member = line[(end + 2)..].Split(": ", 2);
            return new ContractLine(line[..bracket], id, member[0], member.Length == 2 ? member[1] : "");
        }
        if (line.IndexOf('(') is var open and > 0)
        {
            var dot = line.LastIndexOf('.', open);
            return new ContractLine(line[..dot], null, line[(dot + 1)..open], line[open..]);
        }
        return line.Split(": ", 2) is [var owner, var kind]
            ? new ContractLine(owner, null, "", kind)
            : throw new FormatException($"\"{line}\" is no line of a wire contract.");
    }
}
