namespace KgOrleans.Grains.Tests.Contracts;

/// <summary>Ids of a type count its members from 0 in the order that they are declared in, so that the next free id is the one after the last line.</summary>
internal static class IdOrder
{
    public static IEnumerable<string> Repeated(string type, IReadOnlyList<(string Member, long Id)> members) =>
        from member in members
        group member.Member by member.Id into sharing
        where sharing.Count() > 1
        select $"{type}: {string.Join(" and ", sharing)} share id {sharing.Key}";

    public static IEnumerable<string> OutOfOrder(string type, IReadOnlyList<(string Member, long Id)> members) =>
        members.Index().Where(m => m.Item.Id != m.Index).Select(m => $"{type}.{m.Item.Member} has id {m.Item.Id}, its place is {m.Index}");
}
