using System.Linq.Expressions;

namespace CommandCenter.Grains.Storing;

/// <summary>Conditions that begin a page after the last row of the one before. Built by hand, because in SQL "less" on texts is written by
/// <see cref="string.Compare(string, string)"/>, which in C# would compare by culture; the columns are collated by code points.</summary>
internal static class Keysets
{
    /// <summary>Rows after the text, for a list that rises by it.</summary>
    public static IQueryable<TRow> After<TRow>(this IQueryable<TRow> rows, string text, Expression<Func<TRow, string>> key) =>
        rows.Where(Expression.Lambda<Func<TRow, bool>>(Expression.GreaterThan(Compare(key.Body, Parameter(text)), Expression.Constant(0)), key.Parameters));

    /// <summary>Rows after the place, for a list that falls by time and then by text. The time alone stands first so that its index is used.</summary>
    public static IQueryable<TRow> Before<TRow>(
        this IQueryable<TRow> rows, DateTimeOffset at, string text, Expression<Func<TRow, DateTimeOffset>> time, Expression<Func<TRow, string>> key) =>
        rows.Before(at, time, Expression.Lambda<Func<TRow, bool>>(Less(key.Body, Parameter(text)), key.Parameters));

    /// <summary>The same with two texts.</summary>
    public static IQueryable<TRow> Before<TRow>(
        this IQueryable<TRow> rows, DateTimeOffset at, string first, string second,
        Expression<Func<TRow, DateTimeOffset>> time, Expression<Func<TRow, string>> firstKey, Expression<Func<TRow, string>> secondKey)
    {
        var row = firstKey.Parameters[0];
        var secondBody = new Replacement(secondKey.Parameters[0], row).Visit(secondKey.Body);
        var before = Expression.OrElse(
            Less(firstKey.Body, Parameter(first)),
            Expression.AndAlso(Expression.Equal(firstKey.Body, Parameter(first)), Less(secondBody, Parameter(second))));
        return rows.Before(at, time, Expression.Lambda<Func<TRow, bool>>(before, row));
    }

    private static IQueryable<TRow> Before<TRow>(
        this IQueryable<TRow> rows, DateTimeOffset at, Expression<Func<TRow, DateTimeOffset>> time, Expression<Func<TRow, bool>> within)
    {
        var row = time.Parameters[0];
        var tie = new Replacement(within.Parameters[0], row).Visit(within.Body);
        var condition = Expression.AndAlso(
            Expression.LessThanOrEqual(time.Body, Parameter(at)),
            Expression.OrElse(Expression.LessThan(time.Body, Parameter(at)), tie));
        return rows.Where(Expression.Lambda<Func<TRow, bool>>(condition, row));
    }

    private static BinaryExpression Less(Expression left, Expression right) => Expression.LessThan(Compare(left, right), Expression.Constant(0));

    private static MethodCallExpression Compare(Expression left, Expression right) => Expression.Call(typeof(string), nameof(string.Compare), null, left, right);

    /// <summary>A value that EF passes as a parameter, so that every page uses the same prepared query.</summary>
    private static MemberExpression Parameter<T>(T value) => Expression.Property(Expression.Constant(new Box<T>(value)), nameof(Box<T>.Value));

    private sealed record Box<T>(T Value);

    private sealed class Replacement(ParameterExpression from, ParameterExpression to) : ExpressionVisitor
    {
        protected override Expression VisitParameter(ParameterExpression node) => node == from ? to : node;
    }
}
