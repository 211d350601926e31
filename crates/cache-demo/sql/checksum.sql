-- One row a table: its rows and the sum of their CRC-32, which the generator computes too. `stock` is left out,
-- because the load stage changes it.

SELECT 'categories', COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS('|', id, name))), 0) FROM categories
UNION ALL
SELECT 'products', COUNT(*), COALESCE(SUM(CRC32(CONCAT_WS('|', id, category_id, name, description, price))), 0)
  FROM products
UNION ALL
SELECT 'order_lines', COUNT(*),
  COALESCE(SUM(CRC32(CONCAT_WS('|', id, order_id, product_id, quantity, unit_price, ordered_on))), 0)
  FROM order_lines
