using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CommandCenter.Grains.Storing.Migrations.PostgreSql
{
    /// <inheritdoc />
    internal partial class WarningQuality : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "class",
                table: "warnings",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<long>(
                name: "cleared_at",
                table: "warnings",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "drill",
                table: "warnings",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "incident",
                table: "warnings",
                type: "text",
                nullable: true,
                collation: "C");

            migrationBuilder.AddColumn<bool>(
                name: "inhibited",
                table: "warnings",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "peak_colour",
                table: "warnings",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "raised_at",
                table: "warnings",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "shelved_until",
                table: "warnings",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "silenced",
                table: "warnings",
                type: "text",
                nullable: true);

            // What was stored before tells the same in its document.
            migrationBuilder.Sql(
                """
                UPDATE warnings SET
                    raised_at = (extract(epoch from (document::json->>'raisedAt')::timestamptz) * 1000)::bigint,
                    cleared_at = (extract(epoch from (document::json->>'clearedAt')::timestamptz) * 1000)::bigint,
                    shelved_until = (extract(epoch from (document::json->'shelved'->>'until')::timestamptz) * 1000)::bigint,
                    peak_colour = initcap(document::json->>'peakColour'),
                    class = document::json->>'class',
                    incident = document::json->>'incident',
                    drill = coalesce((document::json->>'drill')::boolean, false)
                """);

            migrationBuilder.CreateIndex(
                name: "ix_warnings_cleared",
                table: "warnings",
                columns: new[] { "area", "cleared_at" },
                filter: "cleared_at IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "ix_warnings_quality",
                table: "warnings",
                columns: new[] { "raised_at", "id", "cleared_at", "peak_colour", "state", "rule", "subject", "class", "silenced", "inhibited", "drill", "incident" });

            migrationBuilder.CreateIndex(
                name: "ix_warnings_shelved",
                table: "warnings",
                columns: new[] { "area", "shelved_until" },
                filter: "shelved_until IS NOT NULL");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_warnings_cleared",
                table: "warnings");

            migrationBuilder.DropIndex(
                name: "ix_warnings_quality",
                table: "warnings");

            migrationBuilder.DropIndex(
                name: "ix_warnings_shelved",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "class",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "cleared_at",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "drill",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "incident",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "inhibited",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "peak_colour",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "raised_at",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "shelved_until",
                table: "warnings");

            migrationBuilder.DropColumn(
                name: "silenced",
                table: "warnings");
        }
    }
}
